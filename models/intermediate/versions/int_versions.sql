-- Versions of expected account-days: one row per version, with when it was last seen
-- and how mature that makes it.
with known as (
    select version.*
    from {{ ref('stg_ledger__account_days') }} as version
    inner join {{ ref('stg_run') }} as run
        on version.finished_at <= run.as_of
),

last_sightings as (
    select
        version_id,
        max(started_at) as started_at,
        max(finished_at) as finished_at,
        arg_max(data_source, (started_at, run_id)) as data_source
    from {{ ref('stg_ledger__sightings') }}
    where finished_at <= (select as_of from {{ ref('stg_run') }})
    group by version_id
),

last_seen as (
    select
        known.version_id,
        greatest(known.started_at, sighting.started_at) as last_seen_at,
        greatest(known.finished_at, sighting.finished_at) as confirmed_at,
        if(
            sighting.started_at >= known.started_at,
            sighting.data_source, known.data_source
        ) as data_source
    from known
    left join last_sightings as sighting
        on known.version_id = sighting.version_id
),

versions as (
    select
        known.version_id,
        known.run_id,
        calendar.client_id,
        known.platform,
        known.account_id,
        known.date,
        coalesce(upper(known.currency), calendar.currency) as currency,
        known.currency as reported_currency,
        known.timezone as reported_timezone,
        calendar.currency as registered_currency,
        calendar.timezone as registered_timezone,
        calendar.conversion_tracking,
        known.delivery_rows,
        known.conversions_rows,
        known.control_totals_rows,
        known.told_measures,
        known.started_at,
        known.finished_at as collected_at,
        last_seen.confirmed_at,
        last_seen.last_seen_at,
        last_seen.data_source,
        calendar.due_at,
        calendar.is_due,
        last_seen.last_seen_at >= calendar.due_at as is_settled,
        case
            when last_seen.last_seen_at >= calendar.final_at then 'final'
            when last_seen.last_seen_at >= calendar.due_at then 'preliminary'
            else 'provisional'
        end as maturity,
        -- The version that speaks for its day: the latest settled one, or the latest of
        -- all if none is settled.
        row_number() over (
            partition by known.platform, known.account_id, known.date
            order by
                last_seen.last_seen_at >= calendar.due_at desc,
                known.started_at desc,
                known.run_id desc
        ) = 1 as is_current
    from known
    inner join last_seen
        on known.version_id = last_seen.version_id
    inner join {{ ref('int_calendar') }} as calendar
        on
            known.platform = calendar.platform
            and known.account_id = calendar.account_id
            and known.date = calendar.date
)

select * from versions
