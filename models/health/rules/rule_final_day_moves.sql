-- A final day that changed after all: one row per version and metric.
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
from {{ ref('int_successive_versions') }} as version
inner join {{ ref('int_rules') }} as setting
    on version.client_id = setting.client_id and setting.rule = 'final_day_moves'
where
    version.previous_maturity = 'final'
    and version.started_at
    > (select run.as_of from {{ ref('stg_run') }} as run)
    - to_days(setting.parameters['days']::integer)
