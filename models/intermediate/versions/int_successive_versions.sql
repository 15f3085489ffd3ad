-- Settled versions beside the one before them of their day: one row per version that
-- follows another. What a rule about single versions blocks was never shown, and is
-- nothing to compare with.
{{ config(materialized='ephemeral') }}

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
        version.version_id,
        version.client_id,
        version.platform,
        version.account_id,
        version.date,
        version.started_at,
        coalesce(facts.spend, 0) as spend,
        coalesce(facts.impressions, 0) as impressions,
        coalesce(facts.clicks, 0) as clicks,
        lag(version.version_id) over versions_of_day as previous_version_id,
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
    left join {{ ref('int_violating_versions') }} as violating
        on version.version_id = violating.version_id
    where version.is_settled and not coalesce(violating.is_blocked, false)
    window versions_of_day as (
        partition by
            version.platform, version.account_id, version.date, version.currency
        order by version.started_at, version.run_id
    )
)

select *
from versions
where previous_maturity is not null
