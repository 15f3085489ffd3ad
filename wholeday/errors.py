"""Errors that are meant for a person."""


class UserError(Exception):
    """A problem a person can act on: one sentence, naming what and where, and the command that helps.

    Every command prints it alone, without a traceback, and exits 2.
    """
