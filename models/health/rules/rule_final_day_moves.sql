-- A final day that changed after all: one row per version and metric.
with versions as (
    {{ versions_beside_the_one_before() }}
)

select
    'final_day_moves' as rule,
    versions.version_id,
    versions.client_id,
    versions.platform,
    versions.account_id,
    null::varchar as campaign_id,
    versions.date,
    'day' as metric,
    format('{} for {} impressions and {} clicks', spend, impressions, clicks)
        as observed,
    format(
        '{} for {} impressions and {} clicks',
        previous_spend, previous_impressions, previous_clicks
    ) as expected,
    'the day was final and has changed' as message
from versions
inner join {{ ref('int_rules') }} as setting
    on versions.client_id = setting.client_id and setting.rule = 'final_day_moves'
where
    versions.previous_maturity = 'final'
    and versions.started_at
    > (select run.as_of from {{ ref('stg_run') }} as run)
    - to_days(setting.parameters['days']::integer)
