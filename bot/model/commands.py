"""The commands that customers are shown, in this order. What each does is said in `telegram.NAME` of the wording."""

COMMANDS = ("refund", "status", "add", "evidence", "withdraw", "ask", "human", "contact", "language", "privacy", "help")
