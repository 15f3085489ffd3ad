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
        sum(daily.total_spend)::decimal(18, 6) as total_spend,
        sum(daily.total_impressions)::bigint as total_impressions,
        sum(daily.total_clicks)::bigint as total_clicks,
        sum(daily.click_to_call)::decimal(18, 6) as click_to_call,
        sum(daily.email_contacts)::decimal(18, 6) as email_contacts,
        sum(daily.reservations)::decimal(18, 6) as reservations,
        sum(daily.reservation_value)::decimal(18, 6) as reservation_value,
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
    (100 * total_clicks / nullif(total_impressions, 0))::double as average_ctr,
    (total_spend / nullif(total_clicks, 0))::double as average_cpc,
    (100 * days_whole / days_expected)::double as completeness,
    case
        when not is_over then 'in_progress'
        when days_whole = days_expected then 'complete'
        else 'incomplete'
    end as status
from periods
