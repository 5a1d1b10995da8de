"""Planted faults of one line, each in a place that a promise hangs on, and the tests that must find it."""
