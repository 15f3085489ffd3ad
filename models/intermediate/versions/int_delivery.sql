-- Delivery of every platform: one row per version and campaign.
-- Typed once, like staging: only versions that are not here yet are added.
{{ config(materialized='incremental') }}

with delivery as (
    select * from {{ ref('stg_meta__campaign_days') }}
    union all by name
    select * from {{ ref('stg_google__campaign_days') }}
)

select
    version_id,
    campaign_id,
    spend,
    impressions,
    clicks,
    link_clicks,
    conversions,
    conversion_value,
    all_conversions,
    all_conversion_value,
    answers,
    invalid
from delivery
{% if is_incremental() %}
    where version_id not in (select known.version_id from {{ this }} as known)
{% endif %}
