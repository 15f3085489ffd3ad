-- Weekly figures: one row per client, platform and week with a closed expected day,
-- summed over its whole days.
select
    client_id,
    platform,
    period_start as week_start,
    currency,
    {% for figure in figures() -%}
        {{ figure }},
    {% endfor -%}
    days_expected,
    days_whole,
    completeness,
    status,
    maturity
from {{ ref('int_period_kpi') }}
where grain = 'week'
