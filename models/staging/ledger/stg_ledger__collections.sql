-- Collections: one row per account and window that a run asked for.
select distinct
    collection_id,
    run_id,
    platform,
    account_id,
    from_date,
    to_date,
    data_source,
    outcome,
    failed_answer,
    error_class,
    message,
    attempts,
    requests,
    rows,
    started_at,
    finished_at
from {{ source('ledger', 'collections') }}
where
    _dlt_load_id in (
        select load_id from {{ source('ledger', '_dlt_loads') }}
        where status = 0
    )
    and finished_at <= (select as_of from {{ ref('stg_run') }})
