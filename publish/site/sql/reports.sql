-- What the reports and their files show, in the order of their columns. A figure that
-- is not known is NULL.
create or replace temp view report_days as
with days as (
    select
        *,
        'whole' as status
    from marts.daily_kpi
    union all by name
    select
        client_id,
        platform,
        date,
        status,
        reason
    from reports.withheld_days
)

select
    days.client_id,
    clients.client_name,
    days.platform,
    days.date,
    days.status,
    days.reason,
    days.currency,
    days.total_spend,
    days.total_impressions,
    days.total_clicks,
    days.total_video_views,
    days.average_ctr,
    days.average_cpc,
    days.click_to_call,
    days.email_contacts,
    days.reservations,
    days.reservation_value,
    days.cost_per_reservation,
    days.conversions_state,
    days.maturity,
    days.quality_score,
    days.data_source,
    days.collected_at,
    days.confirmed_at
from days
left join marts.clients as clients
    on days.client_id = clients.client_id;

create or replace temp view report_months as
select
    client_id,
    client_name,
    platform,
    month,
    currency,
    total_spend,
    total_impressions,
    total_clicks,
    total_video_views,
    click_to_call,
    email_contacts,
    reservations,
    reservation_value,
    days_expected,
    days_whole,
    is_full_month,
    status,
    maturity,
    conversions_state,
    quality_score,
    data_source,
    collected_at,
    confirmed_at,
    average_ctr,
    average_cpc,
    cost_per_reservation,
    reason
from reports.client_months;

create or replace temp view report_campaigns as
select
    client_id,
    client_name,
    platform,
    account_id,
    campaign_id,
    campaign_name,
    month,
    status,
    days_whole,
    days_expected,
    currency,
    total_spend,
    total_impressions,
    total_clicks,
    total_video_views,
    average_ctr,
    average_cpc,
    click_to_call,
    email_contacts,
    reservations,
    reservation_value,
    cost_per_reservation,
    conversions_state,
    maturity,
    quality_score,
    data_source,
    collected_at,
    confirmed_at
from reports.campaign_months;

create or replace temp view report_changes as
select
    client_id,
    platform,
    currency,
    month,
    total_spend,
    total_impressions,
    total_clicks,
    total_video_views,
    average_ctr,
    average_cpc,
    click_to_call,
    email_contacts,
    reservations,
    reservation_value,
    cost_per_reservation,
    compared_with
from reports.month_changes;
