-- A build as the overview reads it, with one client in a hundred in trouble lately and single
-- gaps strewn over the year. Variables: clients, as_of.
create schema staging;
create schema intermediate;
create schema marts;
create schema health;

create table marts.clients as
select
    'client-' || lpad(n::varchar, 5, '0') as client_id,
    ['Hotel', 'Grand Hotel', 'Pensjonat', 'Villa', 'Haus'][(1 + n % 5)::integer] || ' Nr. ' || n as client_name,
    getvariable('as_of')::date - 1 as last_closed_day
from range(getvariable('clients')) as numbers(n);

create table marts.accounts as
select
    client_id,
    platform,
    platform || client_id as account_id,
    ['Europe/Warsaw', 'Europe/London', 'America/New_York', 'Asia/Tokyo'][(1 + hash(client_id) % 4)::integer]
        as timezone
from marts.clients, (values ('meta'), ('google')) as platforms(platform);

create table health.account_days as
select
    client_id,
    platform,
    account_id,
    getvariable('as_of')::date - 1 - age::integer as date,
    case
        when hash(client_id) % 100 = 0 and age < 1 + hash(account_id) % 9 then 'split'
        when hash(account_id || age) % 3000 = 0 then 'missing'
        else 'whole'
    end as status,
    if(age < 30, 'preliminary', 'final') as maturity,
    if(status = 'whole', null, 'the platform refused the conversions') as reason,
    false as waived
from marts.accounts, range(365) as ages(age);

create table intermediate.int_rules as
select
    'quality_score' as rule, '' as client_id,
    map {'completeness': 40.0, 'split': 20.0, 'freshness': 15.0, 'consistency': 15.0, 'reconciliation': 10.0}
        ::map(varchar, double) as parameters;

create table health.scores as
select
    client_id, date, 100::double as score, 40::double as completeness, 20::double as split,
    15::double as freshness, 15::double as consistency, 10::double as reconciliation
from (
    select client_id, date
    from health.account_days
    where date > getvariable('as_of')::date - 91
    group by all
    union all
    select '', date
    from health.account_days
    group by all
);

create table health.collections as
select
    platform, account_id, 'run' as run_id, 'collected' as outcome, 4::bigint as requests,
    60::bigint as rows, null::varchar as error_class,
    getvariable('as_of') - to_minutes((hash(account_id) % 600)::bigint) as finished_at, finished_at as started_at
from marts.accounts;

create table health.runs as
select
    '20261124T060000Z-000001' as run_id, getvariable('as_of')::timestamptz as started_at,
    getvariable('as_of')::timestamptz as published_at, 'published' as verdict, 'sandbox' as api,
    '{}'::json as versions;
create table staging.stg_run as select run_id, started_at, api from health.runs;

-- What else the models of reports read.
create table intermediate.int_client_days as
select client_id, platform, date, status = 'whole' as is_whole from health.account_days;
create table marts.daily_kpi as
select client_id, platform, date from intermediate.int_client_days where is_whole;
create table marts.monthly_kpi as
select
    client_id, platform, date_trunc('month', date)::date as month, count(*) as days_expected,
    count(*) filter (where is_whole) as days_whole
from intermediate.int_client_days group by all;
create table health.findings (client_id varchar, severity varchar, mode varchar, waived boolean);
create table health.healing (platform varchar, healed boolean, last_attempt_at timestamptz);
create table staging.stg_ledger__platforms (
    platform varchar, run_id varchar, api_version varchar, usage_percent double, seen_at timestamptz
);
