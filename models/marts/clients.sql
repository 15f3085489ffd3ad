-- The agency's clients: one row per client.
select
    client_id,
    client_name,
    owner,
    started_on,
    ended_on,
    completeness_target
from {{ ref('stg_agency__clients') }}
