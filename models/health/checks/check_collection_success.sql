-- Share of collections of the last week that succeeded: one row.
with collections as (
    select
        count(*) as tried,
        count(*) filter (where collection.outcome = 'collected') as collected,
        any_value(setting.parameters['percent']) as target
    from {{ ref('stg_ledger__collections') }} as collection
    cross join {{ ref('stg_run') }} as run
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'collection_success'
    where
        collection.outcome <> 'skipped'
        and collection.started_at
        > run.as_of - to_days(setting.parameters['days']::integer)
),

counted as (
    select
        tried,
        collected,
        target,
        coalesce(round({{ percent('collected', 'tried') }}, 2), 100) as success
    from collections
)

select
    'collectionSuccess' as name,
    case when success >= coalesce(target, 0) then 'pass' else 'fail' end as status,
    success::varchar as observed,
    coalesce(target, 0)::varchar as expected,
    format('{} of {} collections of the last week succeeded', collected, tried)
        as message,
    to_json({ 'collected': collected, 'tried': tried }) as details
from counted
