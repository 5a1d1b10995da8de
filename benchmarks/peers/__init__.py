"""Other ways to run a Telegram bot, as their documentation shows them, to be measured beside ours. They have a venv of their own."""
