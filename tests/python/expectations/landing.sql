-- A small ledger in the shape ingest lands. Variables: as_of (timestamptz), clients, days.
create schema ledger;

create table ledger._dlt_loads as
select 'load-1' as load_id, 'ledger' as schema_name, 0::bigint as status, getvariable('as_of') as inserted_at;

create temp table account as
select
    case p.platform when 'meta' then '1' else '2' end || lpad(c.n::varchar, 9, '0') as account_id,
    p.platform,
    c.n as client
from range(1, getvariable('clients') + 1) as c(n), (values ('meta'), ('google')) as p(platform);

create temp table day as
select (getvariable('as_of')::date - d.n::int) as date, d.n as age
from range(1, getvariable('days') + 1) as d(n);

create table ledger.account_days as
select
    collection_id || ':' || date as version_id,
    collection_id,
    'run-1' as run_id,
    platform,
    account_id,
    date,
    case platform
        when 'meta' then to_json([
            {'campaign_id': account_id || k, 'spend': '20.50', 'impressions': '1000', 'clicks': '30',
             'inline_link_clicks': '25', 'attribution_setting': '7d_click', 'account_currency': 'PLN'}
            for k in [1, 2]])
        else to_json([
            {'campaign': {'id': account_id || k},
             'metrics': {'impressions': '1000', 'clicks': '30', 'costMicros': '20500000', 'conversions': 1.5}}
            for k in [1, 2]])
    end as delivery,
    case platform
        when 'meta' then to_json([
            {'campaign_id': account_id || k, 'actions': [{'action_type': 'lead', 'value': '2'}]} for k in [1, 2]])
        else to_json([
            {'campaign': {'id': account_id || k},
             'segments': {'conversionAction': 'customers/1/conversionActions/7',
                          'conversionActionName': 'Call', 'conversionActionCategory': 'PHONE_CALL_LEAD'},
             'metrics': {'conversions': 1.5}} for k in [1, 2]])
    end as conversions,
    case platform
        when 'meta' then to_json([
            {'spend': '41.00', 'impressions': '2000', 'clicks': '60', 'inline_link_clicks': '50',
             'actions': [{'action_type': 'lead', 'value': '4'}]}])
        else to_json([
            {'metrics': {'impressions': '2000', 'clicks': '60', 'costMicros': '41000000', 'conversions': 3.0}}])
    end as control_totals,
    sha256(account_id || date) as content_hash,
    case when age = 1 then 'daily' else 'backfill' end as data_source,
    case platform when 'meta' then 'v26.0' else 'v26' end as api_version,
    'spend,impressions,clicks' as fields,
    case platform when 'meta' then '7d_click' end as attribution_setting,
    'PLN' as currency,
    'Europe/Warsaw' as timezone,
    1::bigint as pages,
    3::bigint as requests,
    getvariable('as_of') - interval 10 minute as started_at,
    getvariable('as_of') - interval 9 minute as finished_at,
    'load-1' as _dlt_load_id
from (select *, 'collection-' || account_id as collection_id from account, day);

create table ledger.sightings as
select
    version_id, 'again-' || account_id as collection_id, 'run-2' as run_id, platform, account_id, date,
    'lookback' as data_source,
    getvariable('as_of') - interval 5 minute as started_at,
    getvariable('as_of') - interval 4 minute as finished_at,
    'load-1' as _dlt_load_id
from ledger.account_days
where date >= getvariable('as_of')::date - 20;

create table ledger.collections as
select
    'collection-' || account_id as collection_id, 'run-1' as run_id, platform, account_id,
    getvariable('as_of')::date - getvariable('days')::int as from_date,
    getvariable('as_of')::date - 1 as to_date,
    'daily' as data_source, 'collected' as outcome,
    null::varchar as failed_answer, null::varchar as error_class, null::varchar as message,
    1::bigint as attempts, 3::bigint as requests, 100::bigint as "rows",
    getvariable('as_of') - interval 10 minute as started_at,
    getvariable('as_of') - interval 9 minute as finished_at,
    'load-1' as _dlt_load_id
from account;

create table ledger.accounts as
select
    platform, account_id, 'Hotel ' || client as name, 'PLN' as currency, 'Europe/Warsaw' as timezone,
    'ACTIVE' as status, false as manager, sha256(account_id) as content_hash, 'run-1' as run_id,
    getvariable('as_of') - interval 10 minute as seen_at, 'load-1' as _dlt_load_id
from account;

create table ledger.campaigns as
select
    platform, account_id, account_id || k.k as campaign_id, 'Campaign ' || k.k as name, 'ACTIVE' as status,
    'SEARCH' as channel, sha256(account_id || k.k) as content_hash, 'run-1' as run_id,
    getvariable('as_of') - interval 10 minute as seen_at, 'load-1' as _dlt_load_id
from account, (values ('1'), ('2')) as k(k);
