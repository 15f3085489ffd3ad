-- Figures of days that are not closed yet: one row per client, platform and date;
-- provisional, and in no sum.
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
where not is_whole
