-- What the platforms were asked for: one row per account and window collected.
select
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
from {{ ref('stg_ledger__collections') }}
where finished_at <= (select as_of from {{ ref('stg_run') }})
