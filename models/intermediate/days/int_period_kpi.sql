-- Weekly and monthly figures: one row per client, platform, currency, grain and period
-- with a closed expected day.
with days as (
    select
        day.client_id,
        day.platform,
        day.currency,
        day.date,
        day.is_whole,
        day.last_closed_date,
        unnest([
            {
                'grain': 'week',
                'period_start': date_trunc('week', day.date)::date,
                'period_end': (date_trunc('week', day.date) + interval 6 day)::date
            },
            {
                'grain': 'month',
                'period_start': date_trunc('month', day.date)::date,
                'period_end': last_day(day.date)
            }
        ], recursive := true)
    from {{ ref('int_client_days') }} as day
    where day.is_closed
),

periods as (
    select
        days.client_id,
        days.platform,
        days.currency,
        days.grain,
        days.period_start,
        -- What is not known of one whole day is not known of the period.
        {% for measure in table_rows('measures') | selectattr('total') -%}
            case
                when count(daily.{{ measure.total }}) = count(daily.date)
                    then sum(daily.{{ measure.total }})
            end::{{ var('kinds')[measure.kind].type }} as {{ measure.total }},
        {% endfor -%}
        {% for figure in table_rows('kpis') -%}
            sum(daily.{{ figure.name }})::decimal(18, 6) as {{ figure.name }},
        {% endfor -%}
        count(*) as days_expected,
        count(*) filter (where days.is_whole) as days_whole,
        max(days.period_end) <= max(days.last_closed_date) as is_over,
        case
            when bool_or(daily.maturity = 'preliminary') then 'preliminary'
            when bool_or(daily.maturity = 'final') then 'final'
        end as maturity
    from days
    left join {{ ref('int_daily_kpi') }} as daily
        on
            days.client_id = daily.client_id
            and days.platform = daily.platform
            and days.date = daily.date
            and daily.is_whole
    group by all
)

select
    *,
    {% for cells in table_rows('ratios') -%}
        {{ ratio(cells, 'periods') }} as {{ cells.name }},
    {% endfor -%}
    {{ percent('days_whole', 'days_expected') }} as completeness,
    case
        when not is_over then 'in_progress'
        when days_whole = days_expected then 'complete'
        else 'incomplete'
    end as status
from periods
