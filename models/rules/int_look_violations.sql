-- What the rules found that look at days already judged, and at figures made of them:
-- one row per rule and finding. They come after the verdict, which they cannot change.
{{ config(materialized='ephemeral') }}
{%- set rules = [
    'invoice_differs',
    'last_look_contradicts',
    'missing_rates',
] %}

with violating as (
    {% for rule in rules %}
        select * from {{ ref('rule_' ~ rule) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from violating
