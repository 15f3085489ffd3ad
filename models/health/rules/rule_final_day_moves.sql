-- A final day that changed after all: one row per version and metric.
with changed_days as (
    select
        platform,
        account_id,
        date
    from {{ ref('int_versions') }}
    where not is_current
),

versions as (
    select
        version.*,
        coalesce(facts.spend, 0) as spend,
        coalesce(facts.impressions, 0) as impressions,
        coalesce(facts.clicks, 0) as clicks,
        lag(version.maturity) over versions_of_day as previous_maturity,
        lag(coalesce(facts.spend, 0)) over versions_of_day as previous_spend,
        lag(coalesce(facts.impressions, 0)) over versions_of_day
            as previous_impressions,
        lag(coalesce(facts.clicks, 0)) over versions_of_day as previous_clicks
    from {{ ref('int_versions') }} as version
    -- Most days have one version: only the others are put in order.
    semi join changed_days
        on
            version.platform = changed_days.platform
            and version.account_id = changed_days.account_id
            and version.date = changed_days.date
    left join {{ ref('int_version_facts') }} as facts
        on version.version_id = facts.version_id
    where version.is_settled
    window versions_of_day as (
        partition by version.platform, version.account_id, version.date
        order by version.started_at, version.run_id
    )
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
