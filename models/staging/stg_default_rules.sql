-- Settings of rules and checks that hold where the agency's file says nothing: one row
-- per rule and parameter. A rule that a file forgets still judges.
with defaults (rule, severity, blocks, parameter, value) as (
    values
    ('answers_present', 'high', 'day', null, null),
    ('clicks_within_impressions', 'high', 'day', 'min_clicks', 20),
    ('duplicates', 'high', 'day', null, null),
    ('future_days', 'medium', 'no', null, null),
    ('missing_days', 'high', 'day', 'days', 7),
    ('no_negatives', 'high', 'day', null, null),
    ('reconciliation', 'high', 'day', 'days', 30),
    ('registered', 'high', 'day', null, null),
    ('required_fields', 'high', 'day', null, null),
    ('settled', 'medium', 'day', null, null),
    ('spend_without_impressions', 'high', 'day', 'min_minor_units', 100),
    ('unmapped_action_types', 'low', 'no', 'days', 28),
    ('today_collection', 'critical', 'no', 'hours', 27),
    ('last_month', 'critical', 'no', 'day', 2),
    ('split_data', 'high', 'no', 'days', 7),
    ('completeness', 'high', 'no', 'days', 30),
    ('completeness', 'high', 'no', 'percent', 99.5),
    ('freshness', 'medium', 'no', 'warn_hours', 27),
    ('freshness', 'medium', 'no', 'fail_hours', 30),
    ('collection_success', 'medium', 'no', 'days', 7),
    ('collection_success', 'medium', 'no', 'percent', 99),
    ('unmapped_actions', 'low', 'no', null, null),
    ('queue', 'low', 'no', null, null),
    ('quality_score', 'medium', 'no', 'completeness', 40),
    ('quality_score', 'medium', 'no', 'split', 20),
    ('quality_score', 'medium', 'no', 'freshness', 15),
    ('quality_score', 'medium', 'no', 'consistency', 15),
    ('quality_score', 'medium', 'no', 'reconciliation', 10),
    ('quality_score', 'medium', 'no', 'fresh_hours', 30)
)

select
    rule,
    severity,
    blocks,
    parameter,
    value::double as value
from defaults
