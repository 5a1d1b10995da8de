"""The error that stops a start or a command with a sentence for its operator."""


class StartError(Exception):
    """The text says what is wrong and what to do; it is printed without a traceback, and the exit code is 1."""
