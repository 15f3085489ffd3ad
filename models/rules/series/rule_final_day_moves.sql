-- A final day that changed after all: one row per version. What tells the same figures
-- by another setting has not moved.
with successors as (
    select version.*
    from {{ ref('int_successive_versions') }} as version
    inner join {{ ref('int_rules') }} as setting
        on version.client_id = setting.client_id and setting.rule = 'final_day_moves'
    where
        version.previous_maturity = 'final'
        and version.started_at
        > (select run.as_of from {{ ref('stg_run') }} as run)
        - to_days(setting.parameters['days']::integer)
),

counted as (
    select
        version_id,
        sum(hash(
            campaign_id, action_id, conversions, conversion_value, all_conversions,
            all_conversion_value
        )) as figures
    from {{ ref('int_conversions') }}
    where
        version_id in (select successors.version_id from successors)
        or version_id in (select successors.previous_version_id from successors)
    group by version_id
)

select
    'final_day_moves' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    'day' as metric,
    format('{} for {} impressions and {} clicks', spend, impressions, clicks)
        as observed,
    format(
        '{} for {} impressions and {} clicks',
        previous_spend, previous_impressions, previous_clicks
    ) as expected,
    'the day was final and has changed' as message
from successors as version
left join counted
    on version.version_id = counted.version_id
left join counted as counted_before
    on version.previous_version_id = counted_before.version_id
where
    (version.spend, version.impressions, version.clicks)
    <> (
        version.previous_spend, version.previous_impressions, version.previous_clicks
    )
    or counted.figures is distinct from counted_before.figures
