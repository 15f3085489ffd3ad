-- A small candidate in the shape dbt builds. Variables: clients, days, run_id, as_of.
create schema staging;
create schema intermediate;
create schema marts;
create schema health;

create temp table account as
select
    case p.platform when 'meta' then '1' else '2' end || lpad(c.n::varchar, 9, '0') as account_id,
    p.platform,
    'hotel-' || lpad(c.n::varchar, 2, '0') as client_id
from range(1, getvariable('clients') + 1) as c(n), (values ('meta'), ('google')) as p(platform);

create table health.account_days as
select
    client_id, platform, account_id, (getvariable('as_of')::date - d.n::int) as date, 'whole' as status,
    'preliminary' as maturity, null::varchar as reason, getvariable('as_of') - interval 9 minute as collected_at,
    getvariable('as_of') - interval 4 minute as confirmed_at, 1::bigint as attempts,
    'daily' as data_source, account_id || ':' || date as version_id, false as waived
from account, range(1, getvariable('days') + 1) as d(n);

create table marts.daily_kpi as
select
    client_id, platform, date, 'PLN' as currency, 20.5::decimal(18, 6) as total_spend,
    1000::bigint as total_impressions, 30::bigint as total_clicks,
    400::bigint as total_video_views, 400::bigint as video_views, 3::double as average_ctr,
    (20.5 / 30)::double as average_cpc, 4::decimal(18, 6) as click_to_call, 5::decimal(18, 6) as email_contacts,
    2::decimal(18, 6) as reservations, 610.25::decimal(18, 6) as reservation_value,
    (20.5 / 2)::double as cost_per_reservation,
    'tracked' as conversions_state, maturity, 100::double as quality_score, data_source, collected_at,
    confirmed_at, getvariable('run_id') as run_id
from health.account_days;

create table marts.today_kpi as from marts.daily_kpi limit 0;
create table marts.campaign_daily_kpi as
select daily_kpi.*, account.account_id, 'c1' as campaign_id
from marts.daily_kpi inner join account using (client_id, platform);
create table marts.daily_conversions as
select client_id, platform, date, 'purchase' as action_type, 1.5::decimal(18, 6) as conversions from marts.daily_kpi;
create table marts.weekly_kpi as
select client_id, platform, date_trunc('week', date)::date as week_start, sum(total_spend) as total_spend
from marts.daily_kpi group by all;
create table marts.monthly_kpi as
select
    client_id, platform, date_trunc('month', date)::date as month, currency,
    sum(total_spend)::decimal(18, 6) as total_spend, sum(total_impressions)::bigint as total_impressions,
    sum(total_clicks)::bigint as total_clicks, sum(total_video_views)::bigint as total_video_views, sum(click_to_call)::decimal(18, 6) as click_to_call,
    sum(email_contacts)::decimal(18, 6) as email_contacts, sum(reservations)::decimal(18, 6) as reservations,
    sum(reservation_value)::decimal(18, 6) as reservation_value, count(*) as days_expected, count(*) as days_whole,
    if(month = date_trunc('month', getvariable('as_of')::date), 'in_progress', 'complete') as status,
    'preliminary' as maturity
from marts.daily_kpi group by all;
create table staging.stg_agency__accounts as select client_id, platform, account_id from account;
create table staging.stg_files__accounts (account_id varchar, in_total boolean);
create table marts.clients as
select distinct
    client_id, 'Hotel ' || right(client_id, 2) as client_name, null::date as last_closed_day
from account;
create table marts.accounts as
select account_id, platform, client_id, 'PLN' as currency, 'Europe/Warsaw' as timezone from account;
create table marts.campaigns as
select account_id, platform, 'c1' as campaign_id, 'Brand' as campaign_name, getvariable('as_of') as valid_from
from account;
create table marts.restatements (
    client_id varchar, platform varchar, account_id varchar, date date, metric varchar, previous_value decimal(18, 6),
    value decimal(18, 6), changed_at timestamptz, days_after bigint
);

create table health.findings (
    finding_id varchar, rule varchar, severity varchar, client_id varchar, platform varchar, account_id varchar,
    campaign_id varchar, date date, metric varchar, observed varchar, expected varchar, message varchar,
    first_seen_at timestamptz, waived boolean, blocks varchar, mode varchar, version_id varchar
);

create table health.checks as
select
    c.name, 'pass' as status, c.severity, c.observed, c.expected, c.message,
    'docs/runbooks/' || c.page || '.md' as runbook, c.details::json as details
from (values
    ('todayCollection', 'critical', '3 clients', '3 clients', 'Every expected client was collected.', 'missing_day', '{"clientCount": 3, "expected": 3}'),
    ('splitData', 'high', '0', '0', 'No account-day is split.', 'split_day', '{"issueCount": 0}'),
    ('missingDays', 'high', '0', '0', 'No day of the last seven is missing.', 'missing_day', '{"gaps": []}'),
    ('freshness', 'medium', '0', '0', 'Every client is fresh.', 'stale', '{"staleClients": []}')
) as c(name, severity, observed, expected, message, page, details);

create table intermediate.int_rules as
select
    'quality_score' as rule, '' as client_id,
    map {'completeness': 40.0, 'split': 20.0, 'freshness': 15.0, 'consistency': 15.0, 'reconciliation': 10.0}
        ::map(varchar, double) as parameters;

create table health.scores as
select distinct client_id, date, 100::double as score, 40::double as completeness, 20::double as split,
    15::double as freshness, 15::double as consistency, 10::double as reconciliation
from (select client_id, date from health.account_days union all select '', date from health.account_days);

create table health.collections as
select
    'collection-' || account_id as collection_id, getvariable('run_id') as run_id, platform, account_id,
    getvariable('as_of')::date - 28 as from_date, getvariable('as_of')::date as to_date, 'collected' as outcome,
    null::varchar as error_class, 1::bigint as attempts, 5::bigint as requests, 60::bigint as rows,
    getvariable('as_of') - interval 9 minute as started_at, getvariable('as_of') - interval 8 minute as finished_at
from account;

create table health.healing (
    client_id varchar, platform varchar, account_id varchar, date date, healed boolean, attempts bigint, reason varchar,
    failed_at timestamptz, last_attempt_at timestamptz
);

create table health.runs as
select
    getvariable('run_id') as run_id, getvariable('as_of')::timestamptz as started_at, null::timestamptz as published_at,
    null::varchar as verdict, 'sandbox' as api, '{"dbt": "1.11.16", "meta": "v26.0", "google": "v26"}'::json as versions;

create table staging.stg_run as
select run_id, started_at, started_at as as_of, api, 'run' as command, versions from health.runs;

create table staging.stg_ledger__account_days as
select
    version_id, 'collection-' || account_id as collection_id, getvariable('run_id') as run_id, platform, account_id,
    date, data_source, 'v26' as api_version, 5::bigint as requests, 1::bigint as pages, 2::bigint as delivery_rows,
    3::bigint as conversions_rows, collected_at - interval 1 minute as started_at, collected_at as finished_at
from health.account_days;

create table staging.stg_ledger__platforms (
    platform varchar, run_id varchar, api_version varchar, usage_percent double, seen_at timestamptz
);
