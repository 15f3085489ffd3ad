-- A small candidate in the shape dbt builds. Variables: as_of (timestamptz), clients, days.
create schema staging;
create schema marts;
create schema health;
create schema intermediate;

create table staging.stg_run as
select
    'run-1' as run_id, getvariable('as_of') as started_at, getvariable('as_of') as as_of,
    'sandbox' as api, 'run' as command, '{}'::json as versions;

create temp table account as
select
    case p.platform when 'meta' then '1' else '2' end || lpad(c.n::varchar, 9, '0') as account_id,
    p.platform,
    'client-' || lpad(c.n::varchar, 2, '0') as client_id
from range(1, getvariable('clients') + 1) as c(n), (values ('meta'), ('google')) as p(platform);

create temp table day as
select (getvariable('as_of')::date - d.n::int) as date, d.n as age
from range(1, getvariable('days') + 1) as d(n);

create table marts.accounts as
select
    client_id, platform, account_id, 'Hotel' as account_name, 'Europe/Warsaw' as timezone,
    null::date as started_on, null::date as ended_on
from account;

create table staging.stg_agency__rates as
select 'PLN' as currency, date '2026-01-01' as date, 1::decimal(18, 6) as pln;

create table marts.campaign_daily_kpi as
select
    client_id, platform, account_id, account_id || k.k as campaign_id, date, 'PLN' as currency,
    20.5::decimal(18, 6) as total_spend, 1000::bigint as total_impressions, 30::bigint as total_clicks,
    case platform when 'meta' then 25::bigint end as link_clicks,
    3.0::double as average_ctr, (20.5 / 30)::double as average_cpc,
    1::decimal(18, 6) as click_to_call, 0::decimal(18, 6) as email_contacts,
    1.5::decimal(18, 6) as reservations, 300::decimal(18, 6) as reservation_value,
    'tracked' as conversions_state,
    case when age > 40 then 'final' else 'preliminary' end as maturity,
    100::double as quality_score,
    case when age = 1 then 'daily' else 'backfill' end as data_source,
    getvariable('as_of') - interval 9 minute as collected_at,
    getvariable('as_of') - interval 4 minute as confirmed_at,
    'run-1' as run_id
from account, day, (values ('1'), ('2')) as k(k);

create table marts.daily_conversions as
select
    client_id, platform, account_id, campaign_id, date, a.action_type, a.kpi,
    case a.kpi when 'reservations' then reservations else click_to_call end as conversions,
    case a.kpi when 'reservations' then reservation_value else 0 end::decimal(18, 6) as conversion_value
from marts.campaign_daily_kpi,
    (values ('purchase', 'reservations'), ('click_to_call', 'click_to_call')) as a(action_type, kpi);

create table marts.daily_kpi as
select
    client_id, platform, date, currency,
    sum(total_spend)::decimal(18, 6) as total_spend,
    sum(total_impressions)::bigint as total_impressions,
    sum(total_clicks)::bigint as total_clicks,
    (100.0 * sum(total_clicks) / sum(total_impressions))::double as average_ctr,
    (sum(total_spend) / sum(total_clicks))::double as average_cpc,
    sum(click_to_call)::decimal(18, 6) as click_to_call,
    sum(email_contacts)::decimal(18, 6) as email_contacts,
    sum(reservations)::decimal(18, 6) as reservations,
    sum(reservation_value)::decimal(18, 6) as reservation_value,
    any_value(conversions_state) as conversions_state,
    any_value(maturity) as maturity,
    any_value(quality_score) as quality_score,
    any_value(data_source) as data_source,
    any_value(collected_at) as collected_at,
    any_value(confirmed_at) as confirmed_at,
    any_value(run_id) as run_id
from marts.campaign_daily_kpi
group by client_id, platform, date, currency;

create table marts.today_kpi as
select * replace (getvariable('as_of')::date as date, 'provisional' as maturity)
from marts.daily_kpi
where date = getvariable('as_of')::date - 1;

create table health.account_days as
select
    client_id, platform, account_id, date, 'whole' as status,
    case when age > 40 then 'final' else 'preliminary' end as maturity,
    null::varchar as reason,
    getvariable('as_of') - interval 9 minute as collected_at,
    getvariable('as_of') - interval 4 minute as confirmed_at,
    1::bigint as attempts,
    case when age = 1 then 'daily' else 'backfill' end as data_source,
    'collection-' || account_id || ':' || date as version_id,
    false as waived
from account, day;

create table intermediate.int_calendar as
select client_id, platform, account_id, date, true as is_due from account, day
union all
select client_id, platform, account_id, getvariable('as_of')::date, false from account;

create table marts.monthly_kpi as
with period as (
    select
        client_id, platform, date_trunc('month', date)::date as month, min(currency) as currency,
        sum(total_spend)::decimal(18, 6) as total_spend,
        sum(total_impressions)::bigint as total_impressions,
        sum(total_clicks)::bigint as total_clicks,
        (100.0 * sum(total_clicks) / sum(total_impressions))::double as average_ctr,
        (sum(total_spend) / sum(total_clicks))::double as average_cpc,
        sum(click_to_call)::decimal(18, 6) as click_to_call,
        sum(email_contacts)::decimal(18, 6) as email_contacts,
        sum(reservations)::decimal(18, 6) as reservations,
        sum(reservation_value)::decimal(18, 6) as reservation_value,
        count(*)::bigint as days_expected, count(*)::bigint as days_whole, 100::double as completeness,
        case when max(maturity) = min(maturity) then min(maturity) else 'preliminary' end as maturity
    from marts.daily_kpi
    group by all
)
select *,
    case when month + interval 1 month > getvariable('as_of')::date then 'in_progress' else 'complete' end as status
from period;

create table marts.weekly_kpi as
with period as (
    select
        client_id, platform, date_trunc('week', date)::date as week_start, min(currency) as currency,
        sum(total_spend)::decimal(18, 6) as total_spend,
        sum(total_impressions)::bigint as total_impressions,
        sum(total_clicks)::bigint as total_clicks,
        (100.0 * sum(total_clicks) / sum(total_impressions))::double as average_ctr,
        (sum(total_spend) / sum(total_clicks))::double as average_cpc,
        sum(click_to_call)::decimal(18, 6) as click_to_call,
        sum(email_contacts)::decimal(18, 6) as email_contacts,
        sum(reservations)::decimal(18, 6) as reservations,
        sum(reservation_value)::decimal(18, 6) as reservation_value,
        count(*)::bigint as days_expected, count(*)::bigint as days_whole, 100::double as completeness,
        case when max(maturity) = min(maturity) then min(maturity) else 'preliminary' end as maturity
    from marts.daily_kpi
    group by all
)
select *,
    case when week_start + 7 > getvariable('as_of')::date then 'in_progress' else 'complete' end as status
from period;

create table health.findings (
    finding_id varchar, rule varchar, severity varchar, client_id varchar, platform varchar, account_id varchar,
    campaign_id varchar, date date, metric varchar, observed varchar, expected varchar, message varchar,
    first_seen_at timestamptz, waived boolean, blocks varchar, mode varchar, version_id varchar
);

create table health.checks as
select
    name, 'pass' as status, 'high' as severity, '0' as observed, '0' as expected,
    'All is well' as message, 'docs/runbooks/' || name || '.md' as runbook, '{}'::json as details
from (values ('todayCollection'), ('splitData'), ('missingDays'), ('completeness'), ('freshness')) as c(name);

create table health.scores as
with scored as (
    select distinct client_id, date from health.account_days
    union all
    select distinct '', date from health.account_days
)
select client_id, date, 100::double as score, 40::double as completeness, 20::double as split,
    15::double as freshness, 15::double as consistency, 10::double as reconciliation
from scored;

create table health.incidents (
    incident_id varchar, cause varchar, rule varchar, severity varchar, platform varchar, clients varchar[],
    account_days bigint, days_open bigint, from_date date, to_date date, opened_at timestamptz,
    last_seen_at timestamptz, resolved_at timestamptz, affected_spend_pln decimal(18, 2), message varchar,
    reason varchar, command varchar
);

create table health.slos as
select name, 100::double as target, 100::double as observed, 5::double as good, 5::double as total,
    0::double as budget, 1::double as budget_left, status
from health.checks;
