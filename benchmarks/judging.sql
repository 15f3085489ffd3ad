-- Staging as it would be after collecting $clients clients of one account for $days days, the last of them
-- yesterday; three campaigns each. Variables: clients, from_day, to_day (numbers of days before the instant).
create or replace temp table days as
select
    'c' || client as client_id,
    (10000000 + client)::varchar as account_id,
    date '2026-11-24' - ago::integer as date,
    client || '-' || ago as version_id,
    client,
    ago
from range(getvariable('clients')) as clients (client)
cross join range(getvariable('from_day'), getvariable('to_day') + 1) as agos (ago);

create or replace temp table campaign_days as
select
    *,
    (600 + hash(client, ago, campaign) % 700 + 37 * campaign)::bigint as impressions,
    (12 + hash(ago, client, campaign) % 17)::bigint as clicks,
    (hash(campaign, client, ago) % 4)::decimal(18, 6) as conversions
from days
cross join range(3) as campaigns (campaign);

insert into staging.stg_ledger__account_days by name
select
    version_id, version_id as collection_id, 'run-' || ago as run_id, 'meta' as platform, account_id, date,
    version_id as content_hash, 'daily' as data_source, 'v26.0' as api_version, 'PLN' as currency,
    'Europe/Warsaw' as timezone, 3 as delivery_rows, 3 as conversions_rows, 2 as control_totals_rows,
    1 as pages, 3 as requests,
    (date + 1)::timestamp at time zone 'UTC' + interval 5 hour as started_at,
    (date + 1)::timestamp at time zone 'UTC' + interval 5 hour as finished_at
from days;

insert into staging.stg_ledger__collections by name
select
    version_id as collection_id, 'run-' || ago as run_id, 'meta' as platform, account_id, date as from_date,
    date as to_date, 'daily' as data_source, 'collected' as outcome, 1 as attempts, 3 as requests, 8 as rows,
    (date + 1)::timestamp at time zone 'UTC' + interval 5 hour as started_at,
    (date + 1)::timestamp at time zone 'UTC' + interval 5 hour as finished_at
from days;

insert into staging.stg_meta__campaign_days by name
select
    version_id, account_id || campaign as campaign_id, clicks * 1.37 as spend, impressions, clicks,
    clicks * 2 // 3 as link_clicks, 1 as answers
from campaign_days;

insert into staging.stg_meta__conversions by name
select
    version_id, account_id || campaign as campaign_id, 'omni_purchase' as action_id,
    'omni_purchase' as action_type, conversions, conversions * 210.5 as conversion_value, 1 as answers
from campaign_days
where conversions > 0
union all by name
select
    version_id, account_id || campaign as campaign_id, 'link_click' as action_id,
    'link_click' as action_type, clicks * 2 // 3 as conversions, null as conversion_value, 1 as answers
from campaign_days;

insert into staging.stg_meta__control_totals by name
select
    version_id, '' as action_id, sum(clicks * 1.37) as spend, sum(impressions) as impressions,
    sum(clicks) as clicks, sum(clicks * 2 // 3) as link_clicks, 1 as answers
from campaign_days
group by version_id
union all by name
select
    version_id, 'omni_purchase' as action_id, sum(conversions) as conversions,
    sum(conversions) * 210.5 as conversion_value, 1 as answers
from campaign_days
group by version_id
having sum(conversions) > 0
union all by name
select version_id, 'link_click' as action_id, sum(clicks * 2 // 3) as conversions, 1 as answers
from campaign_days
group by version_id;
