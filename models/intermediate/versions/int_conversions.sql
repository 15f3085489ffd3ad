-- Conversions of every platform: one row per version, campaign and action.
-- Typed once, like staging: only versions that are not here yet are added.
{{ config(materialized='incremental') }}

with conversions as (
    {% for platform in table_rows('platforms') %}
        select * from {{ ref('stg_' ~ platform.name ~ '__conversions') }}
        {{ 'union all by name' if not loop.last }}
    {% endfor %}
)

select
    version_id,
    campaign_id,
    action_id,
    action_type,
    {% for measure in table_rows('measures', answer='conversions') -%}
        {{ measure.name }},
    {% endfor -%}
    answers,
    invalid
from conversions
{% if is_incremental() %}
    where version_id not in (select known.version_id from {{ this }} as known)
{% endif %}
