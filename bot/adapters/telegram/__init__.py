"""Telegram: customers write to the shop's bot there."""
