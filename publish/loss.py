"""How many account-days that readers have as whole a candidate would take away from them."""

from datetime import date
from pathlib import Path

import duckdb

from publish.gate import Loss

# Meta keeps 37 months, and older days leave the calendar for every platform alike.
RETENTION_MONTHS = 37

# Who is expected is asked of the agency's own files, not of the candidate's calendar: a calendar model that
# is broken, and has lost its accounts, must not excuse itself. So a day counts as lost unless the files say
# that it is no longer expected: the account or its client was removed, or the day lies outside their dates;
# or the day is older than the platforms keep. The client is not part of the key: an account that moves to
# another client loses nothing.
_LOST = """
with before as (
    select platform, account_id, date, any_value(client_id) as client_id
    from published.health.account_days
    where status = 'whole'
    group by all
),

gone as (
    select before.*
    from before
    anti join (select * from candidate.health.account_days where status = 'whole') as kept
        using (platform, account_id, date)
),

lost as (
    select gone.*
    from gone
    where date >= getvariable('oldest') and (
        not getvariable('has_agency')
        or exists (
            from registered
            where registered.platform = gone.platform
                and registered.digits = regexp_replace(gone.account_id, '[^0-9]', '', 'g')
                and gone.date between registered.started_on and registered.ended_on
        )
    )
),

by_client as (
    select
        lost.client_id,
        count(*) as days,
        mode(coalesce(now.reason, now.status, 'no longer in the calendar')) as reason
    from lost
    left join candidate.health.account_days as now using (platform, account_id, date)
    group by all
    order by days desc, client_id
    limit 1
)

select
    (select count(*) from before),
    (select count(*) from lost),
    (select client_id || ' (' || days || ': ' || reason || ')' from by_client)
"""

_REGISTERED = """
create table registered as
select
    trim(account.platform) as platform,
    regexp_replace(account.account_id, '[^0-9]', '', 'g') as digits,
    greatest(
        coalesce(try_cast(account.started_on as date), date '1900-01-01'),
        coalesce(try_cast(client.started_on as date), date '1900-01-01')
    ) as started_on,
    least(
        coalesce(try_cast(account.ended_on as date), date '9999-12-31'),
        coalesce(try_cast(client.ended_on as date), date '9999-12-31')
    ) as ended_on
from read_csv(?, header = true, all_varchar = true, delim = ',') as account
inner join read_csv(?, header = true, all_varchar = true, delim = ',') as client
    on trim(account.client_id) = trim(client.client_id)
"""


def count(published: Path, candidate: Path, agency: Path, today: date) -> Loss | None:
    """Compare the whole days of two files, both opened read-only; None where nothing was whole before.

    Raises ``duckdb.Error`` when either file cannot be read. ``today`` is the run's date in UTC.
    """
    with duckdb.connect() as memory:
        memory.execute(f"attach {_literal(published)} as published (read_only)")
        memory.execute(f"attach {_literal(candidate)} as candidate (read_only)")
        memory.execute("set variable has_agency = ?", [_register(memory, agency)])
        memory.execute("set variable oldest = (?::date - to_months(?))::date", [today, RETENTION_MONTHS])
        row = memory.execute(_LOST).fetchone()
    if row is None or not row[0]:
        return None
    return Loss(whole_before=row[0], lost=row[1], most_of_it=row[2] or "no one")


def _register(memory: duckdb.DuckDBPyConnection, agency: Path) -> bool:
    """Read who is expected; where the agency's files cannot be read, nobody is excused."""
    try:
        memory.execute(_REGISTERED, [str(agency / "accounts.csv"), str(agency / "clients.csv")])
    except duckdb.Error:
        memory.execute(
            "create table registered (platform varchar, digits varchar, started_on date, ended_on date)"
        )
        return False
    return True


def _literal(path: Path) -> str:
    """Quote a path for ATTACH, which takes no parameters."""
    return "'" + str(path).replace("'", "''") + "'"
