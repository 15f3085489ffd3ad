-- What the reports show, as tables of their own: figures of months, of campaigns in
-- months, and of days, each with its status; a figure that is not known is NULL.
create or replace temp table report_days as
with client_days as (
    select
        client_id,
        platform,
        date,
        max(
            case
                when status = 'whole' then '1 whole'
                when status = 'suspect' then '4 suspect'
                when status = 'missing' then '5 missing'
                when status = 'invalid' then '6 invalid'
                when status = 'unreconciled' then '7 unreconciled'
                else '8 split'
            end
        ) as state,
        string_agg(distinct reason, '; ' order by reason) as reason
    from health.account_days
    where status <> 'not_expected'
    group by all
)

select
    client_days.client_id,
    clients.client_name,
    client_days.platform,
    client_days.date,
    substr(client_days.state, 3) as status,
    client_days.reason,
    daily.currency,
    daily.total_spend,
    daily.total_impressions,
    daily.total_clicks,
    daily.average_ctr,
    daily.average_cpc,
    daily.click_to_call,
    daily.email_contacts,
    daily.reservations,
    daily.reservation_value,
    (daily.total_spend / nullif(daily.reservations, 0))::double as cost_per_reservation,
    daily.conversions_state,
    daily.maturity,
    daily.quality_score,
    daily.data_source,
    daily.collected_at,
    daily.confirmed_at
from client_days
left join marts.clients as clients using (client_id)
left join marts.daily_kpi as daily using (client_id, platform, date);

-- The platforms of a client in one month; a row without platform is all of them in one
-- currency, and complete only if each of them is.
create or replace temp table report_months as
with days as (
    select
        client_id,
        platform,
        date_trunc('month', date)::date as month,
        list(distinct data_source order by data_source) filter (where data_source is not null)
            as data_sources,
        list(distinct conversions_state order by conversions_state)
            filter (where conversions_state is not null) as conversions_states,
        round(avg(quality_score), 1) as quality_score,
        max(collected_at) as collected_at,
        min(confirmed_at) as confirmed_at,
        string_agg(distinct status || coalesce(': ' || reason, ''), '; ')
            filter (where status <> 'whole') as reason
    from report_days
    group by all
),

platforms as (
    select
        monthly.*,
        -- Only whole calendar months are compared with one another.
        monthly.days_expected = day(last_day(monthly.month)) as is_full_month,
        days.data_sources,
        coalesce(days.conversions_states, []) as conversions_states,
        days.quality_score,
        days.collected_at,
        days.confirmed_at,
        days.reason
    from marts.monthly_kpi as monthly
    left join days using (client_id, platform, month)
),

everything as (
    select
        client_id,
        platform,
        month,
        currency,
        total_spend,
        total_impressions,
        total_clicks,
        click_to_call,
        email_contacts,
        reservations,
        reservation_value,
        days_expected,
        days_whole,
        is_full_month,
        status,
        maturity,
        if(days_whole = 0, 'not_known', array_to_string(conversions_states, ', '))
            as conversions_state,
        quality_score,
        array_to_string(data_sources, ', ') as data_source,
        collected_at,
        confirmed_at,
        reason
    from platforms
    union all
    -- What one platform does not know, all of them together do not know either.
    select
        client_id,
        '' as platform,
        month,
        currency,
        if(count(total_spend) = count(*), sum(total_spend), null)::decimal(18, 6) as total_spend,
        if(count(total_impressions) = count(*), sum(total_impressions), null)::bigint as total_impressions,
        if(count(total_clicks) = count(*), sum(total_clicks), null)::bigint as total_clicks,
        if(count(click_to_call) = count(*), sum(click_to_call), null)::decimal(18, 6) as click_to_call,
        if(count(email_contacts) = count(*), sum(email_contacts), null)::decimal(18, 6) as email_contacts,
        if(count(reservations) = count(*), sum(reservations), null)::decimal(18, 6) as reservations,
        if(count(reservation_value) = count(*), sum(reservation_value), null)::decimal(18, 6) as reservation_value,
        sum(days_expected)::bigint as days_expected,
        sum(days_whole)::bigint as days_whole,
        bool_and(is_full_month) as is_full_month,
        case
            when bool_or(status = 'in_progress') then 'in_progress'
            when bool_or(status = 'incomplete') then 'incomplete'
            else 'complete'
        end as status,
        if(bool_or(maturity = 'preliminary'), 'preliminary', any_value(maturity)) as maturity,
        array_to_string(list_sort(list_distinct(flatten(list(conversions_states)))), ', ')
            as conversions_state,
        round(avg(quality_score), 1) as quality_score,
        array_to_string(list_sort(list_distinct(flatten(list(data_sources)))), ', ')
            as data_source,
        max(collected_at) as collected_at,
        min(confirmed_at) as confirmed_at,
        string_agg(platform || ': ' || reason, '; ' order by platform) as reason
    from platforms
    group by client_id, month, currency
)

select
    everything.client_id,
    clients.client_name,
    everything.* exclude (client_id, reason),
    100.0 * total_clicks / nullif(total_impressions, 0) as average_ctr,
    (total_spend / nullif(total_clicks, 0))::double as average_cpc,
    (total_spend / nullif(reservations, 0))::double as cost_per_reservation,
    everything.reason
from everything
left join marts.clients as clients using (client_id);

create or replace temp table report_campaigns as
with names as (
    select
        platform,
        account_id,
        campaign_id,
        arg_max(campaign_name, valid_from) as campaign_name
    from marts.campaigns
    group by all
),

campaigns as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        date_trunc('month', date)::date as month,
        any_value(currency) as currency,
        sum(total_spend)::decimal(18, 6) as total_spend,
        sum(total_impressions)::bigint as total_impressions,
        sum(total_clicks)::bigint as total_clicks,
        sum(click_to_call)::decimal(18, 6) as click_to_call,
        sum(email_contacts)::decimal(18, 6) as email_contacts,
        sum(reservations)::decimal(18, 6) as reservations,
        sum(reservation_value)::decimal(18, 6) as reservation_value,
        if(bool_or(maturity = 'preliminary'), 'preliminary', any_value(maturity)) as maturity,
        string_agg(distinct conversions_state, ', ' order by conversions_state)
            as conversions_state,
        round(avg(quality_score), 1) as quality_score,
        string_agg(distinct data_source, ', ' order by data_source) as data_source,
        max(collected_at) as collected_at,
        min(confirmed_at) as confirmed_at
    from marts.campaign_daily_kpi
    group by all
)

select
    campaigns.client_id,
    months.client_name,
    campaigns.platform,
    campaigns.account_id,
    campaigns.campaign_id,
    names.campaign_name,
    campaigns.month,
    -- A campaign's month is as complete as its platform's.
    months.status,
    months.days_whole,
    months.days_expected,
    campaigns.currency,
    campaigns.total_spend,
    campaigns.total_impressions,
    campaigns.total_clicks,
    100.0 * total_clicks / nullif(total_impressions, 0) as average_ctr,
    (total_spend / nullif(total_clicks, 0))::double as average_cpc,
    campaigns.click_to_call,
    campaigns.email_contacts,
    campaigns.reservations,
    campaigns.reservation_value,
    (total_spend / nullif(reservations, 0))::double as cost_per_reservation,
    campaigns.conversions_state,
    campaigns.maturity,
    campaigns.quality_score,
    campaigns.data_source,
    campaigns.collected_at,
    campaigns.confirmed_at
from campaigns
left join names using (platform, account_id, campaign_id)
left join (
    select client_id, client_name, platform, month, currency, status, days_whole, days_expected
    from report_months
) as months
    on
        campaigns.client_id = months.client_id
        and campaigns.platform = months.platform
        and campaigns.month = months.month
        and campaigns.currency = months.currency;
