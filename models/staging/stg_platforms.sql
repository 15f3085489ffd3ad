-- What the models know of a platform: one row each, as in
-- dbt_project.yml.
-- The settings are those that the last collection was told.
{{ config(tags=['ledger']) }}

with platforms (
    platform, settling_hours, lookback_days, retention_months, totals_by_action
) as (
    values
    {% for row in table_rows('platforms') -%}
        (
            '{{ row.name }}', {{ row.settling_hours }}, {{ row.lookback_days }},
            {{ row.kept_months }}, {{ row.get('totals_by_action', false) }}
        ){{ ',' if not loop.last }}
    {% endfor %}
),

told as (
    select
        policy.platform,
        arg_max(policy.settling_hours, run.number) as settling_hours,
        arg_max(policy.lookback_days, run.number) as lookback_days
    from {{ source('journal', 'policies') }} as policy
    inner join {{ source('journal', 'runs') }} as run
        on policy.run_id = run.run_id
    where run.started_at <= (select as_of from {{ ref('stg_run') }})
    group by policy.platform
)

select
    platforms.platform,
    coalesce(told.settling_hours, platforms.settling_hours)::double as settling_hours,
    coalesce(told.lookback_days, platforms.lookback_days)::integer as lookback_days,
    platforms.retention_months,
    platforms.totals_by_action
from platforms
left join told
    on platforms.platform = told.platform
