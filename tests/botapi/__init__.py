"""Telegram's side: a Bot API over real HTTP, and people who write to its bot. As much of it as a bot can notice."""
