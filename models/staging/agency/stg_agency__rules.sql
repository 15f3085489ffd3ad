-- Settings of rules and checks: one row per line of the agency's file; an empty
-- client_id means every client.
select
    rule,
    lower(severity) as severity,
    lower(blocks) as blocks,
    parameter,
    value::double as value,
    coalesce(client_id, '') as client_id,
    lower(mode) as mode
from ({{ agency_file('rules', [
    'rule', 'severity', 'blocks', 'parameter', 'value', 'client_id', 'mode'
]) }})
