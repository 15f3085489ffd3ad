-- Delivery on Google Ads: one row per version and campaign, typed strictly; a field
-- that is left out is zero.
{{ config(materialized='incremental') }}

with answers as (
    {{ new_answers('google', 'delivery') }}
),

campaigns as (
    select
        version_id,
        nulls,
        unnest(from_json(
            answer,
            '[{
                "campaign": {"id": "VARCHAR"},
                "metrics": {
                    "costMicros": "VARCHAR",
                    "impressions": "VARCHAR", "clicks": "VARCHAR",
                    "conversions": "VARCHAR", "conversionsValue": "VARCHAR",
                    "allConversions": "VARCHAR", "allConversionsValue": "VARCHAR"
                }
            }]'
        )) as r
    from answers
),

typed as (
    select
        version_id,
        nulls,
        r,
        r.campaign.id as campaign_id,
        {{ strict_cast('r.metrics.costMicros', 'bigint', 16) }} as cost_micros,
        {{ strict_cast('r.metrics.impressions', 'bigint') }} as impressions,
        {{ strict_cast('r.metrics.clicks', 'bigint') }} as clicks,
        {{ strict_cast('r.metrics.conversions') }} as conversions,
        {{ strict_cast('r.metrics.conversionsValue') }} as conversion_value,
        {{ strict_cast('r.metrics.allConversions') }} as all_conversions,
        {{ strict_cast('r.metrics.allConversionsValue') }} as all_conversion_value
    from campaigns
),

judged as (
    select
        *,
        {{ invalid_fields({
            'campaign.id': ['campaign_id', true],
            'metrics.costMicros': ['cost_micros', false],
            'metrics.impressions': ['impressions', false],
            'metrics.clicks': ['clicks', false],
            'metrics.conversions': ['conversions', false],
            'metrics.conversionsValue': ['conversion_value', false],
            'metrics.allConversions': ['all_conversions', false],
            'metrics.allConversionsValue': ['all_conversion_value', false],
        }) }} as invalid
    from typed
),

campaign_days as (
    select
        version_id,
        coalesce(campaign_id, '') as campaign_id,
        (coalesce(sum(cost_micros), 0) * 0.000001)::decimal(18, 6) as spend,
        coalesce(sum(impressions), 0)::bigint as impressions,
        coalesce(sum(clicks), 0)::bigint as clicks,
        coalesce(sum(conversions), 0)::decimal(18, 6) as conversions,
        coalesce(sum(conversion_value), 0)::decimal(18, 6) as conversion_value,
        coalesce(sum(all_conversions), 0)::decimal(18, 6) as all_conversions,
        coalesce(sum(all_conversion_value), 0)::decimal(18, 6) as all_conversion_value,
        count(*) as answers,
        string_agg(invalid, ', ' order by invalid) as invalid
    from judged
    group by all
)

select * from campaign_days
