-- Control totals of every platform: one row per version for the account (action_id ''),
-- and one per action where given. Typed once, like staging: only versions that are not
-- here yet are added.
{{ config(materialized='incremental') }}

with control_totals as (
    select * from {{ ref('stg_meta__control_totals') }}
    union all by name
    select * from {{ ref('stg_google__control_totals') }}
)

select
    version_id,
    action_id,
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
from control_totals
{% if is_incremental() %}
    where version_id not in (select known.version_id from {{ this }} as known)
{% endif %}
