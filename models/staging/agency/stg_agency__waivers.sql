-- Exceptions from rules: one row per line of the agency's file; an empty client,
-- platform or date means all.
select
    rule,
    client_id,
    lower(platform) as platform,
    coalesce(from_date::date, date '0001-01-01') as from_date,
    coalesce(to_date::date, date '9999-12-31') as to_date,
    reason,
    expires_on::date as expires_on
from ({{ agency_file('waivers', [
    'rule', 'client_id', 'platform', 'from_date', 'to_date', 'reason', 'expires_on'
]) }})
