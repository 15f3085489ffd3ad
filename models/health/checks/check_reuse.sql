-- Share of the account-days looked at again in the last week that had not changed, so
-- that nothing had to be stored: one row. First collections aside, and days that were
-- asked for more than before.
with versions as (
    select
        started_at,
        lag(started_at) over versions_of_day is null
        or told_measures <> lag(told_measures) over versions_of_day as is_new
    from {{ ref('stg_ledger__account_days') }}
    window
        versions_of_day as (
            partition by platform, account_id, date order by started_at, run_id
        )
),

looks as (
    select
        started_at,
        false as is_reused
    from versions
    where not coalesce(is_new, false)
    union all
    select
        started_at,
        true as is_reused
    from {{ ref('stg_ledger__sightings') }}
),

counted as (
    select
        count(*) filter (where looks.is_reused) as good,
        count(looks.started_at) as total,
        any_value(setting.parameters['percent']) as target
    from {{ ref('int_rules') }} as setting
    cross join {{ ref('stg_run') }} as run
    left join looks
        on
            run.as_of - to_days(setting.parameters['days']::integer) < looks.started_at
            and run.as_of >= looks.started_at
    where setting.client_id = '' and setting.rule = 'reuse'
),

rated as (
    select
        *,
        coalesce(round({{ percent('good', 'total') }}, 2), 100) as share
    from counted
)

select
    'reuse' as name,
    case when share >= target then 'pass' else 'warn' end as status,
    share::varchar as observed,
    target::varchar as expected,
    format('{} of {} account-days looked at again had not changed', good, total)
        as message,
    to_json({ 'good': good, 'total': total }) as details
from rated
