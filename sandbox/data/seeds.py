"""Random streams that depend on names only, never on the order in which something is asked."""

from hashlib import blake2b

import numpy as np


def number(*parts: object) -> int:
    """Return a 64-bit number that is a pure function of ``parts``."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def generator(*parts: object) -> np.random.Generator:
    """Return a random generator that is a pure function of ``parts``."""
    return np.random.Generator(np.random.PCG64(number(*parts)))


def uniform(*parts: object) -> float:
    """Return one number in [0, 1) that is a pure function of ``parts``."""
    return number(*parts) / 2**64
