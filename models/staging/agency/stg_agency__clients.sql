-- The agency's clients: one row per client.
select
    client_id,
    client_name,
    started_on::date as started_on,
    ended_on::date as ended_on,
    completeness_target::double as completeness_target,
    owner
from ({{ agency_file('clients', [
    'client_id', 'client_name', 'started_on', 'ended_on', 'completeness_target', 'owner'
]) }})
