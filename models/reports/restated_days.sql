-- What the platforms changed afterwards, for the agency as a whole: one row per date,
-- metric and age of the change. Counts only: no sum crosses currencies.
{%- set counts = table_rows('measures', kind='count') | selectattr('total') -%}
{%- set metrics = counts | map(attribute='total') | list + ['reservations'] %}

with changes as (
    select
        date,
        metric,
        days_after,
        sum(value - previous_value)::decimal(18, 6) as change
    from {{ ref('restatements') }}
    where list_contains({{ metrics }}, metric)
    group by date, metric, days_after
),

totals as (
    select
        date,
        {% for metric in metrics -%}
            sum({{ metric }}) as {{ metric }},
        {% endfor -%}
        count(*) as client_days
    from {{ ref('daily_kpi') }}
    where date in (select changes.date from changes)
    group by date
)

select
    changes.date,
    changes.metric,
    changes.days_after,
    changes.change,
    (
        case changes.metric
            {% for metric in metrics -%}
                when '{{ metric }}' then totals.{{ metric }}
            {% endfor -%}
        end
        - sum(changes.change) over (partition by changes.date, changes.metric)
    )::decimal(18, 6) as first_total
from changes
left join totals
    on changes.date = totals.date
