"""Campaign names, from ``names.toml``."""

import tomllib
from functools import lru_cache
from pathlib import Path

from sandbox.data import seeds
from sandbox.data.accounts import Account
from sandbox.data.calendar import day_of


@lru_cache(maxsize=1)
def _pools() -> tuple[list[str], list[str]]:
    text = (Path(__file__).parent.parent / "names.toml").read_text(encoding="utf-8")
    pools = tomllib.loads(text)
    return pools["lasting"], pools["promos"]


def campaign_name(
    seed: int, account: Account, channel: str, lasting: bool, chain: int, index: int, first: int
) -> str:
    """Return the name of the campaign ``index`` of ``chain``, which starts on day ``first``."""
    pool = _pools()[0 if lasting else 1]
    pick = seeds.number(seed, "name", account.account_id, chain, index) % len(pool)
    day = day_of(first)
    name = pool[pick].format(year=day.year, month=day.month)
    return f"{name} [{channel.removeprefix('OUTCOME_').title()}]" if lasting else name
