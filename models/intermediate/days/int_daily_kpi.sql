-- Daily figures: one row per client, platform and date of which all accounts have a
-- version to show.
with campaigns as (
    select
        client_id,
        platform,
        date,
        sum(total_spend) as total_spend,
        sum(total_impressions) as total_impressions,
        sum(total_clicks) as total_clicks,
        sum(click_to_call) as click_to_call,
        sum(email_contacts) as email_contacts,
        sum(reservations) as reservations,
        sum(reservation_value) as reservation_value
    from {{ ref('int_campaign_days') }}
    group by all
),

scores as (
    select
        client_id,
        platform,
        date,
        round(
            avg(completeness + split + freshness + consistency + reconciliation), 6
        ) as score
    from {{ ref('int_account_day_scores') }}
    group by all
),

daily as (
    select
        day.client_id,
        day.platform,
        day.date,
        day.currency,
        coalesce(campaigns.total_spend, 0)::decimal(18, 6) as total_spend,
        coalesce(campaigns.total_impressions, 0)::bigint as total_impressions,
        coalesce(campaigns.total_clicks, 0)::bigint as total_clicks,
        100 * campaigns.total_clicks / nullif(campaigns.total_impressions, 0)
            as average_ctr,
        campaigns.total_spend / nullif(campaigns.total_clicks, 0) as average_cpc,
        {% for measure, kpi in {
            'click_to_call': 'click_to_call',
            'email_contacts': 'email_contacts',
            'reservations': 'reservations',
            'reservation_value': 'reservations',
        }.items() -%}
            case
                when day.is_tracked and '{{ kpi }}' in day.kpis
                    then coalesce(campaigns.{{ measure }}, 0)
            end::decimal(18, 6) as {{ measure }},
        {% endfor -%}
        if(day.is_tracked, 'tracked', 'not_configured') as conversions_state,
        day.maturity,
        scores.score as quality_score,
        day.data_source,
        day.collected_at,
        day.confirmed_at,
        day.run_id,
        day.is_whole
    from {{ ref('int_client_days') }} as day
    left join campaigns
        on
            day.client_id = campaigns.client_id
            and day.platform = campaigns.platform
            and day.date = campaigns.date
    left join scores
        on
            day.client_id = scores.client_id
            and day.platform = scores.platform
            and day.date = scores.date
    where day.is_whole or day.is_today
)

select * from daily
