-- Delivery on Meta: one row per version and campaign, typed strictly.
{{ config(materialized='incremental') }}

with answers as (
    {{ new_answers('meta', 'delivery') }}
),

campaigns as (
    select
        version_id,
        nulls,
        unnest(from_json(
            answer,
            '[{
                "campaign_id": "VARCHAR", "spend": "VARCHAR", "impressions": "VARCHAR",
                "clicks": "VARCHAR", "inline_link_clicks": "VARCHAR"
            }]'
        )) as r
    from answers
),

typed as (
    select
        version_id,
        nulls,
        r,
        r.campaign_id,
        {{ strict_cast('r.spend') }} as spend,
        {{ strict_cast('r.impressions', 'bigint') }} as impressions,
        {{ strict_cast('r.clicks', 'bigint') }} as clicks,
        {{ strict_cast('r.inline_link_clicks', 'bigint') }} as link_clicks
    from campaigns
),

judged as (
    select
        *,
        {{ invalid_fields({
            'campaign_id': ['campaign_id', true],
            'spend': ['spend', true],
            'impressions': ['impressions', true],
            'clicks': ['clicks', true],
            'inline_link_clicks': ['link_clicks', false],
        }) }} as invalid
    from typed
),

campaign_days as (
    select
        version_id,
        coalesce(campaign_id, '') as campaign_id,
        coalesce(sum(spend), 0)::decimal(18, 6) as spend,
        coalesce(sum(impressions), 0)::bigint as impressions,
        coalesce(sum(clicks), 0)::bigint as clicks,
        -- Meta leaves the field out where there were none.
        coalesce(sum(link_clicks), 0)::bigint as link_clicks,
        count(*) as answers,
        string_agg(invalid, ', ' order by invalid) as invalid
    from judged
    group by all
)

select * from campaign_days
