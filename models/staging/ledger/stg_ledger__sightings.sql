-- Sightings of unchanged versions: one row per version and collection that saw it
-- again.
select distinct
    version_id,
    collection_id,
    run_id,
    platform,
    account_id,
    date,
    data_source,
    started_at,
    finished_at
from {{ source('ledger', 'sightings') }}
where
    _dlt_load_id in (
        select load_id from {{ source('ledger', '_dlt_loads') }}
        where status = 0
    )
    and finished_at <= (select as_of from {{ ref('stg_run') }})
