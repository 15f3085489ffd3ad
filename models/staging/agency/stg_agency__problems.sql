-- Lines of the agency's files that do not count as they are written: one row per line.
select
    line_key,
    file,
    line::bigint as line,
    coalesce(client_id, '') as client_id,
    coalesce(platform, '') as platform,
    coalesce(account_id, '') as account_id,
    reason,
    instead,
    since::timestamptz as since
from ({{ agency_file('problems', [
    'line_key', 'file', 'line', 'client_id', 'platform', 'account_id', 'reason',
    'instead', 'since'
], optional=true) }})
