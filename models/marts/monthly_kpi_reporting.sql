-- Monthly figures in the agency's reporting currency: one row per row of monthly_kpi,
-- its money the sum of the converted days; NULL if one of them has no rate.
{% set money = money_figures() %}

with days as (
    select
        client_id,
        platform,
        date_trunc('month', date)::date as month,
        any_value(reporting_currency) as reporting_currency,
        max(rate_date) as rate_date,
        avg(rate) as mean_rate,
        count(total_spend) as days_converted,
        {% for figure in money -%}
            {{ as_money('sum(' ~ figure ~ ')') }} as {{ figure }},
        {% endfor -%}
        count(*) as days
    from {{ ref('daily_kpi_reporting') }}
    group by all
),

months as (
    select
        month.* replace (
            {% for figure in money -%}
                case when days.days_converted = days.days then days.{{ figure }} end
                    as {{ figure }}{{ ',' if not loop.last }}
            {% endfor -%}
        ),
        month.total_spend as own_spend,
        days.rate_date,
        days.mean_rate,
        coalesce(
            days.reporting_currency, {{ agency_setting('reporting_currency') }}
        ) as reporting_currency,
        coalesce(days.days_converted, 0) as days_converted
    from {{ ref('monthly_kpi') }} as month
    left join days
        on
            month.client_id = days.client_id
            and month.platform = days.platform
            and month.month = days.month
)

select
    client_id,
    platform,
    month,
    currency,
    reporting_currency,
    -- What the month's spend was converted at; without spend, the mean of the days.
    case
        when total_spend is not null
            then coalesce((total_spend / nullif(own_spend, 0))::double, mean_rate)
    end as rate,
    if(total_spend is not null, rate_date, null) as rate_date,
    {% for figure in figures() -%}
        {%- set ratio_row = table_rows('ratios', name=figure) | first -%}
        {% if ratio_row -%}
            {{ ratio(ratio_row, 'months') }} as {{ figure }},
        {% else -%}
            {{ figure }},
        {% endif -%}
    {% endfor -%}
    days_expected,
    days_whole,
    days_converted,
    completeness,
    status,
    maturity
from months
