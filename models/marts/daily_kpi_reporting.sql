-- Daily figures in the agency's reporting currency: one row per row of daily_kpi, its
-- money converted at the day's rate, the latest that is not too old; NULL without one.
{% set money = money_figures() %}

with days as (
    select
        day.*,
        {{ agency_setting('reporting_currency') }} as reporting_currency,
        setting.parameters['days']::integer as max_age
    from {{ ref('daily_kpi') }} as day
    inner join {{ ref('int_rules') }} as setting
        on day.client_id = setting.client_id and setting.rule = 'missing_rates'
),

-- The file has prices in zlotys, so a zloty needs no line.
prices as (
    select
        currency,
        date,
        pln
    from {{ ref('stg_agency__rates') }}
    where currency <> 'PLN'
),

priced as (
    select
        days.*,
        own.date as own_date,
        reporting.date as reporting_date,
        case
            when days.currency = 'PLN' then 1
            when days.date - own.date <= days.max_age then own.pln
        end as own_pln,
        case
            when days.reporting_currency = 'PLN' then 1
            when days.date - reporting.date <= days.max_age then reporting.pln
        end as reporting_pln
    from days
    asof left join prices as own
        on days.currency = own.currency and days.date >= own.date
    asof left join prices as reporting
        on days.reporting_currency = reporting.currency and days.date >= reporting.date
),

rated as (
    select
        *,
        case
            when currency = reporting_currency then 1
            else (own_pln / reporting_pln)::double
        end as rate
    from priced
),

converted as (
    select
        * replace (
            {% for figure in money -%}
                {{ as_money(figure ~ ' * rate') }} as {{ figure }}
                {{- ',' if not loop.last }}
            {% endfor -%}
        )
    from rated
)

select
    client_id,
    platform,
    date,
    currency,
    reporting_currency,
    rate,
    -- The older of the two prices that a rate is made of.
    case
        when currency = reporting_currency then date
        when rate is not null then least(own_date, reporting_date)
    end as rate_date,
    case
        when currency = reporting_currency then 'same currency'
        when rate is null
            then 'no rate of ' || concat_ws(
                ' and ',
                case when own_pln is null then currency end,
                case when reporting_pln is null then reporting_currency end
            )
        else concat_ws(
            ' / ',
            format('{} {} PLN ({})', currency, own_pln, own_date),
            format(
                '{} {} PLN ({})', reporting_currency, reporting_pln, reporting_date
            )
        )
    end as rate_source,
    {% for figure in figures() -%}
        {%- set ratio_row = table_rows('ratios', name=figure) | first -%}
        {% if ratio_row -%}
            {{ ratio(ratio_row, 'converted') }} as {{ figure }},
        {% else -%}
            {{ figure }},
        {% endif -%}
    {% endfor -%}
    conversions_state,
    maturity,
    quality_score,
    data_source,
    collected_at,
    confirmed_at,
    run_id
from converted
