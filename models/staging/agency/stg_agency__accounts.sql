-- Registered accounts: one row per account and client it belongs to.
select
    regexp_replace(account_id, '\D', '', 'g') as account_id,
    lower(platform) as platform,
    client_id,
    upper(currency) as currency,
    timezone,
    coalesce(lower(conversion_tracking), 'true') <> 'false' as conversion_tracking,
    started_on::date as started_on,
    ended_on::date as ended_on
from ({{ agency_file('accounts', [
    'account_id', 'platform', 'client_id', 'currency', 'timezone',
    'conversion_tracking', 'started_on', 'ended_on'
]) }})
