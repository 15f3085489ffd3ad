-- What the rules found that look at days already judged: one row per rule and finding.
-- They come after the verdict, which they cannot change.
{{ config(materialized='ephemeral') }}
{%- set rules = [
    'last_look_contradicts',
] %}

with violating as (
    {% for rule in rules %}
        select * from {{ ref('rule_' ~ rule) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from violating
