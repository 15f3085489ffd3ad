-- What the rules about a day beside others found, other days of the account, other
-- accounts: one row per rule, version and metric. They look at what the rules of
-- int_violations let pass.
{{ config(materialized='ephemeral') }}
{%- set rules = [
    'campaign_vanished',
    'click_level',
    'constant_fill',
    'conversion_level',
    'conversions_without_spend',
    'copied_day',
    'cost_level',
    'final_day_moves',
    'finished_day_moves',
    'multiplied',
    'rounded_amounts',
    'same_figures',
    'spend_level',
    'usual_bounds',
    'value_level',
    'zero_clicks',
    'zero_conversions',
] %}

with violating as (
    {% for rule in rules %}
        select * from {{ ref('rule_' ~ rule) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from violating
