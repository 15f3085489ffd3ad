-- Daily figures of closed days: one row per client, platform and date of which every
-- account is whole.
select
    client_id,
    platform,
    date,
    currency,
    {% for figure in figures() -%}
        {{ figure }},
    {% endfor -%}
    conversions_state,
    maturity,
    quality_score,
    data_source,
    collected_at,
    confirmed_at,
    run_id
from {{ ref('int_daily_kpi') }}
where is_whole
