-- Conversions on Google Ads: one row per version, campaign and conversion action, typed
-- strictly.
{{ config(materialized='incremental') }}

with answers as (
    {{ new_answers('google', 'conversions') }}
),

actions as (
    select
        version_id,
        nulls,
        unnest(from_json(
            answer,
            '[{
                "campaign": {"id": "VARCHAR"},
                "segments": {
                    "conversionAction": "VARCHAR", "conversionActionName": "VARCHAR"
                },
                "metrics": {
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
        -- customers/1/conversionActions/7: the number stays when an action is renamed.
        nullif(regexp_extract(r.segments.conversionaction, '[^/]+$'), '') as action_id,
        r.segments.conversionactionname as action_name,
        {{ strict_cast('r.metrics.conversions') }} as conversions,
        {{ strict_cast('r.metrics.conversionsValue') }} as conversion_value,
        {{ strict_cast('r.metrics.allConversions') }} as all_conversions,
        {{ strict_cast('r.metrics.allConversionsValue') }} as all_conversion_value
    from actions
),

judged as (
    select
        *,
        {{ invalid_fields({
            'campaign.id': ['campaign_id', true],
            'segments.conversionAction': ['action_id', true],
            'metrics.conversions': ['conversions', false],
            'metrics.conversionsValue': ['conversion_value', false],
            'metrics.allConversions': ['all_conversions', false],
            'metrics.allConversionsValue': ['all_conversion_value', false],
        }) }} as invalid
    from typed
),

conversions as (
    select
        version_id,
        coalesce(campaign_id, '') as campaign_id,
        coalesce(action_id, '') as action_id,
        coalesce(max(action_name), action_id, '') as action_type,
        coalesce(sum(conversions), 0)::decimal(18, 6) as conversions,
        coalesce(sum(conversion_value), 0)::decimal(18, 6) as conversion_value,
        coalesce(sum(all_conversions), 0)::decimal(18, 6) as all_conversions,
        coalesce(sum(all_conversion_value), 0)::decimal(18, 6) as all_conversion_value,
        count(*) as answers,
        string_agg(invalid, ', ' order by invalid) as invalid
    from judged
    group by version_id, campaign_id, action_id
)

select * from conversions
