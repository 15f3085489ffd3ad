-- Delivery of every platform: one row per version and campaign.
-- Typed once, like staging: only versions that are not here yet are added.
{{ config(materialized='incremental') }}

with delivery as (
    {% for platform in table_rows('platforms') %}
        select * from {{ ref('stg_' ~ platform.name ~ '__campaign_days') }}
        {{ 'union all by name' if not loop.last }}
    {% endfor %}
)

select
    version_id,
    campaign_id,
    {% for measure in table_rows('measures') -%}
        {{ measure.name }},
    {% endfor -%}
    answers,
    invalid
from delivery
{% if is_incremental() %}
    where version_id not in (select known.version_id from {{ this }} as known)
{% endif %}
