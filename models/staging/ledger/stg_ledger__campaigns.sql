-- Campaigns as their platform describes them: one row per campaign and change.
select distinct
    platform,
    account_id,
    campaign_id,
    name,
    status,
    -- What the platform does not tell may well be running.
    coalesce(
        status in ('ACTIVE', 'IN_PROCESS', 'WITH_ISSUES', 'ENABLED'), true
    ) as is_enabled,
    channel,
    content_hash,
    run_id,
    seen_at
from {{ source('ledger', 'campaigns') }}
where
    _dlt_load_id in (
        select load_id from {{ source('ledger', '_dlt_loads') }}
        where status = 0
    )
    and seen_at <= (select as_of from {{ ref('stg_run') }})
