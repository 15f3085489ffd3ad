-- The calendar as run-length strings: one row per client and platform. "w340s2" is 340
-- whole days and two split ones, from the first day on; the worst account stands for a
-- day, and a day outside the expected calendar is "-".
with bounds as (
    select max(date) - getvariable('days')::integer as before_first
    from health.account_days
),

client_days as (
    select
        client_id,
        platform,
        date,
        max(
            case
                when status = 'not_expected' then 0
                when status = 'whole' then 1
                when waived then 2
                when reason = 'queued' then 3
                when status = 'suspect' then 4
                when status = 'missing' then 5
                when status = 'invalid' then 6
                when status = 'unreconciled' then 7
                else 8
            end
        )::tinyint as state
    from health.account_days
    where date > (select before_first from bounds)
    group by all
),

changes as (
    select
        *,
        lag(date) over row_days as day_before,
        lag(state) over row_days as state_before
    from client_days
    window row_days as (partition by client_id, platform order by date)
    qualify day_before is null or day_before <> date - 1 or state_before <> state
),

last_days as (
    select
        client_id,
        platform,
        max(date) as last_date
    from client_days
    group by all
),

stretches as (
    select
        changes.client_id,
        changes.platform,
        changes.date as first_date,
        changes.state,
        coalesce(
            lead(changes.day_before) over row_changes, last_days.last_date
        ) as last_date,
        coalesce(changes.day_before, bounds.before_first) as covered_to
    from changes
    inner join last_days using (client_id, platform)
    cross join bounds
    window
        row_changes as (
            partition by changes.client_id, changes.platform order by changes.date
        )
)

select
    client_id,
    platform,
    string_agg(
        if(first_date > covered_to + 1, '-' || (first_date - covered_to - 1), '')
        || substr('-wvqpmius', state + 1, 1)
        || (last_date - first_date + 1),
        ''
        order by first_date
    ) as stretches
from stretches
group by all
order by all
