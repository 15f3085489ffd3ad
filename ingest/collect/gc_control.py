"""Memory while millions of rows pass through: what is freed by itself, and what has to be collected."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sparing_gc() -> Iterator[None]:
    """Keep the cyclic collector from walking through every page: pages are trees, freed by reference counts.

    What is loaded by now stays and is not walked through at all; cycles of finished requests are collected
    between accounts.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
