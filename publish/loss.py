"""How many account-days that readers have as whole a candidate would take away from them."""

from datetime import date
from pathlib import Path

import duckdb

from core.platforms import kept_months
from publish.gate import Loss

# Who is expected is asked of the agency's own files, not of the candidate's calendar: a calendar model that
# is broken, and has lost its accounts, must not excuse itself. So a day counts as lost unless the files say
# that it is no longer expected: the account or its client was removed, or the day lies outside their dates;
# or the day is older than the platforms keep. The client is not part of the key: an account that moves to
# another client loses nothing. Files that register no client at all excuse no loss: such a file lost its
# rows.
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
with accounts as (
    select trim(columns(*), getvariable('space')) from read_csv(getvariable('accounts'), {options})
),

clients as (
    select trim(columns(*), getvariable('space')) from read_csv(getvariable('clients'), {options})
),

registered as (
    select
        account.platform,
        regexp_replace(account.account_id, '[^0-9]', '', 'g') as digits,
        greatest(
            coalesce(try_cast(account.started_on as date), date '1900-01-01'),
            coalesce(try_cast(client.started_on as date), date '1900-01-01')
        ) as started_on,
        least(
            coalesce(try_cast(account.ended_on as date), date '9999-12-31'),
            coalesce(try_cast(client.ended_on as date), date '9999-12-31')
        ) as ended_on
    from accounts as account
    inner join clients as client
        on account.client_id = client.client_id and client.client_id <> ''
)

select * from registered
where started_on <= ended_on
"""
# As the models read them: a cell may hold a line break, and lines end in the way of the program that wrote
# the last one.
_OPTIONS = (
    "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', comment = '', skip = 0,"
    " null_padding = true, strict_mode = false, parallel = false"
)
_SPACE = "".join(filter(str.isspace, map(chr, range(0x3001))))


def count(published: Path, candidate: Path, agency: Path, today: date) -> Loss | None:
    """Compare the whole days of two files, both opened read-only; None where nothing was whole before.

    Raises ``duckdb.Error`` when either file cannot be read. ``today`` is the run's date in UTC.
    """
    with duckdb.connect() as memory:
        memory.execute(f"attach {_literal(published)} as published (read_only)")
        memory.execute(f"attach {_literal(candidate)} as candidate (read_only)")
        memory.execute("set variable has_agency = ?", [_register(memory, agency)])
        memory.execute("set variable oldest = (?::date - to_months(?))::date", [today, kept_months()])
        row = memory.execute(_LOST).fetchone()
    if row is None or not row[0]:
        return None
    return Loss(whole_before=row[0], lost=row[1], most_of_it=row[2] or "no one")


def _register(memory: duckdb.DuckDBPyConnection, agency: Path) -> bool:
    """Read who is expected; where the agency's files cannot be read, or name no client, none is excused."""
    try:
        memory.execute("set variable space = ?", [_SPACE])
        for name in ("accounts", "clients"):
            memory.execute(f"set variable {name} = ?", [str(agency / f"{name}.csv")])
        memory.execute(_REGISTERED.format(options=_OPTIONS))
        return memory.execute("from registered limit 1").fetchone() is not None
    except duckdb.Error:
        memory.execute(
            "create table registered (platform varchar, digits varchar, started_on date, ended_on date)"
        )
        return False


def _literal(path: Path) -> str:
    """Quote a path for ATTACH, which takes no parameters."""
    return "'" + str(path).replace("'", "''") + "'"
