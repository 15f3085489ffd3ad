-- The checks with their verdicts, each by itself: one row per check.
{%- set checks = [
    'today_collection',
    'last_month',
    'split_data',
    'missing_days',
    'completeness',
    'reconciliation',
    'registered',
    'freshness',
    'collection_success',
    'queue',
    'unmapped_actions',
    'quality',
    'reuse',
    'healing_success',
    'quarantine',
    'access',
    'breaker',
    'tokens',
    'release',
] %}

with judged as (
    {% for check in checks %}
        select
            *,
            '{{ check }}' as setting_name
        from {{ ref('check_' ~ check) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    judged.name,
    case when setting.mode = 'shadow' then 'pass' else judged.status end as status,
    setting.severity,
    judged.observed,
    judged.expected,
    judged.message,
    'docs/runbooks/' || judged.setting_name || '.md' as runbook,
    judged.details
from judged
inner join {{ ref('int_rules') }} as setting
    on judged.setting_name = setting.rule and setting.client_id = ''
