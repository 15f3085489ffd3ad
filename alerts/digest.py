"""What can wait until morning: once a day, in one message."""

import duckdb

from alerts import messages
from alerts.messages import Message

_IS_DUE = """
select coalesce(max(made_at) <= getvariable('as_of') - interval 23 hour, true)
from told.messages
where kind = 'digest'
"""
# What was never in a digest is new, unless it is over by now.
_LINES = """
with untold as (
    select incident, arg_max(kind, number) as kind, arg_max(title, number) as title
    from told.events
    where message_id is null
    group by incident
),

lines as (
    select
        if(untold.incident is null, 'still', 'new') as section,
        concat(
            incident.severity, ': ', incident.title,
            if(untold.incident is null, '', '. ' || incident.sentence)
        ) as line
    from incidents as incident
    left join untold using (incident)
    where not list_contains(getvariable('direct'), incident.severity) and not incident.is_healing
    union all
    select 'over', title from untold where kind = 'resolved'
)

select coalesce(list(line order by line) filter (where section = ?), []) from lines
"""


def due(ledger: duckdb.DuckDBPyConnection) -> Message | None:
    """Return the digest where one is due and there is something to say; needs the table ``incidents``."""
    is_due = ledger.execute(_IS_DUE).fetchone()
    if is_due is None or not is_due[0]:
        return None
    new, over, still = (_lines(ledger, section) for section in ("new", "over", "still"))
    return messages.digest(new, over, still) if new or over or still else None


def told(ledger: duckdb.DuckDBPyConnection, message_id: str) -> None:
    """Remember that the digest has told everything that waited for it."""
    ledger.execute("update told.events set message_id = ? where message_id is null", [message_id])


def _lines(ledger: duckdb.DuckDBPyConnection, section: str) -> list[str]:
    found = ledger.execute(_LINES, [section]).fetchone()
    return list(found[0]) if found else []
