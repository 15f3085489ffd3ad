"""How severe a finding or a check is."""

from core.tables import variable


def severities() -> tuple[str, ...]:
    """Return the severities, the most severe first."""
    return tuple(variable("severities"))
