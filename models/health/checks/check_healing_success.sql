-- Share of the days that were not whole and were asked for again that are whole now:
-- one row, over the days that failed lately.
with days as (
    select
        healing.healed,
        setting.parameters['percent'] as target
    from {{ ref('int_rules') }} as setting
    cross join {{ ref('stg_run') }} as run
    left join {{ ref('healing') }} as healing
        on
            healing.failed_at
            > run.as_of - to_days(setting.parameters['days']::integer)
    where setting.client_id = '' and setting.rule = 'healing_success'
),

counted as (
    select
        count(*) filter (where healed) as good,
        count(healed) as total,
        any_value(target) as target
    from days
),

rated as (
    select
        *,
        coalesce(round({{ percent('good', 'total') }}, 2), 100) as share
    from counted
)

select
    'healing' as name,
    case when share >= target then 'pass' else 'warn' end as status,
    share::varchar as observed,
    target::varchar as expected,
    format('{} of {} days that were asked for again are whole now', good, total)
        as message,
    to_json({ 'good': good, 'total': total }) as details
from rated
