"""Errors that are meant for a person."""


class UserError(Exception):
    """A problem a person can act on: one sentence, naming what and where, and the command that helps.

    Every command prints it alone, without a traceback, and exits 2.
    """


class Interrupted(KeyboardInterrupt):
    """The command was stopped by the signal ``number``; the message says what that leaves."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
