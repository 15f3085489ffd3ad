-- Conversions of every platform: one row per version, campaign and action.
-- Typed once, like staging: only versions that are not here yet are added.
{{ config(materialized='incremental') }}

with conversions as (
    select * from {{ ref('stg_meta__conversions') }}
    union all by name
    select * from {{ ref('stg_google__conversions') }}
)

select
    version_id,
    campaign_id,
    action_id,
    action_type,
    conversions,
    conversion_value,
    all_conversions,
    all_conversion_value,
    answers,
    invalid
from conversions
{% if is_incremental() %}
    where version_id not in (select known.version_id from {{ this }} as known)
{% endif %}
