-- What the rules about single versions and days found: one row per rule, version or
-- day, and metric. Those that look at a day beside others are in int_series_violations.
{%- set rules = [
    'access_lost',
    'account_disabled',
    'account_renamed',
    'action_name_moved',
    'action_renamed',
    'agency_lines',
    'answers_present',
    'attribution_changed',
    'clicks_within_impressions',
    'conversions_within_impressions',
    'duplicates',
    'expired_waivers',
    'foreign_campaigns',
    'future_days',
    'impossible_cost',
    'inbox',
    'interface_changed',
    'link_clicks_within_clicks',
    'missing_days',
    'new_fields',
    'no_negatives',
    'primary_within_all',
    'reconciliation',
    'registered',
    'required_fields',
    'secondary_action',
    'settled',
    'spend_without_impressions',
    'suspect_empty',
    'unmapped_action_types',
    'value_without_count',
] %}

with violating as (
    {% for rule in rules %}
        select * from {{ ref('rule_' ~ rule) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from violating
