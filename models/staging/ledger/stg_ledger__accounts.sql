-- Accounts as their platform describes them: one row per account and change.
select distinct
    platform,
    account_id,
    name,
    currency,
    timezone,
    status,
    -- Meta counts its states: active, in its grace period, any kind of active. What the
    -- platform does not tell is taken as active.
    coalesce(status in ('1', '9', '201', 'ENABLED'), true) as is_active,
    manager,
    content_hash,
    run_id,
    seen_at
from {{ source('ledger', 'accounts') }}
where
    _dlt_load_id in (
        select load_id from {{ source('ledger', '_dlt_loads') }}
        where status = 0
    )
    and seen_at <= (select as_of from {{ ref('stg_run') }})
