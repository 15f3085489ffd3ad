-- Registered accounts: one row per account and client it belongs to.
select
    regexp_replace(account.account_id, '\D', '', 'g') as account_id,
    lower(account.platform) as platform,
    account.client_id,
    upper(account.currency) as currency,
    coalesce(zone.zone, account.timezone) as timezone,
    coalesce(lower(account.conversion_tracking), 'true') <> 'false'
        as conversion_tracking,
    account.started_on::date as started_on,
    account.ended_on::date as ended_on
from ({{ agency_file('accounts', [
    'account_id', 'platform', 'client_id', 'currency', 'timezone',
    'conversion_tracking', 'started_on', 'ended_on'
]) }}) as account
left join {{ ref('stg_agency__zones') }} as zone
    on account.timezone = zone.name
