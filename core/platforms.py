"""The platforms, one row each: what the pipeline has to know of a platform before it is asked."""

from dataclasses import dataclass
from functools import cache

from core.tables import table


@dataclass(frozen=True)
class Platform:
    """A row of ``platforms``.

    ``section`` is that of its settings (``sources.<section>``), ``required`` names those without which it
    cannot be asked. A day has settled ``settling_hours`` after its end, can be restated for
    ``lookback_days``, and is kept for ``kept_months``. Windows are at most ``window_days`` long: so many days
    of a large account stay a few pages, and an account's year four windows. ``account_requests`` and
    ``window_requests`` estimate what an account and each of its windows cost. ``active_statuses`` are those
    of an account that can deliver. ``other_fields`` are what answers hold beside the measures.

    ``tells_token``: it can be asked how long the credentials hold. ``totals_by_action``: its totals name the
    conversion action. ``types_overlap``: one conversion comes under several action types, which all accounts
    share, so one of them counts per KPI. ``counts_twice``: it tells primary conversions and all of them.
    ``tells_days``: what it tells is there, and it is not asked; a day that it does not tell is expected only
    if the last collection said so. ``names_actions``: a day's fields name the actions it tells, as
    ``action:name``; of others nothing is known. ``beside_total``: its figures stand beside those of the
    others, and a figure that they tell is not added to theirs.
    ``opens_by_manager``: an account is reached through a manager account. ``camel_case``: its answers spell
    fields so. A median click-through rate above ``usual_ctr`` percent is strange.
    """

    name: str
    title: str
    section: str
    required: tuple[str, ...]
    settling_hours: float
    lookback_days: int
    kept_months: int
    active_statuses: tuple[str, ...]
    other_fields: tuple[str, ...]
    window_days: int = 90
    account_requests: int = 2
    window_requests: int = 3
    tells_token: bool = False
    totals_by_action: bool = False
    types_overlap: bool = False
    counts_twice: bool = False
    tells_days: bool = False
    names_actions: bool = False
    beside_total: bool = False
    opens_by_manager: bool = False
    usual_ctr: float = 10.0
    camel_case: bool = False

    def variables(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the environment variables of these settings."""
        return tuple(f"SOURCES__{self.section.upper()}__{name.upper()}" for name in names)


@cache
def platforms() -> dict[str, Platform]:
    """Return the platforms by name, in their order; raises ``UserError`` for a row that is wrong."""
    return table("platforms", Platform)


def kept_months() -> int:
    """Return the longest that a platform keeps a day: older ones are expected of none."""
    return max(platform.kept_months for platform in platforms().values())
