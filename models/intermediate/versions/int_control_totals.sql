-- Control totals of every platform: one row per version for the account (action_id ''),
-- and one per action where given. Typed once, like staging: only versions that are not
-- here yet are added.
{{ config(materialized='incremental') }}

with control_totals as (
    {% for platform in table_rows('platforms') %}
        select * from {{ ref('stg_' ~ platform.name ~ '__control_totals') }}
        {{ 'union all by name' if not loop.last }}
    {% endfor %}
)

select
    version_id,
    action_id,
    {% for measure in table_rows('measures') -%}
        {{ measure.name }},
    {% endfor -%}
    answers,
    invalid
from control_totals
{% if is_incremental() %}
    where version_id not in (select known.version_id from {{ this }} as known)
{% endif %}
