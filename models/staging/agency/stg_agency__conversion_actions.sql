-- Which action counts as which KPI: one row per line of the agency's file; an empty
-- client_id means every client.
select
    lower(platform) as platform,
    coalesce(client_id, '') as client_id,
    action_type,
    kpi,
    coalesce(basis, 'conversions') as basis,
    coalesce(valid_from::date, date '0001-01-01') as valid_from,
    coalesce(valid_to::date, date '9999-12-31') as valid_to,
    line_since::timestamptz as line_since
from ({{ agency_file('conversion_actions', [
    'platform', 'client_id', 'action_type', 'kpi', 'basis', 'valid_from', 'valid_to',
    'line_since'
]) }})
