-- Registered accounts: one row per account, client it belongs to, and span in which its
-- name and status did not change.
with changes as (
    select
        *,
        seen_at as valid_from,
        coalesce(lead(seen_at) over account, 'infinity') as valid_to,
        row_number() over account = 1 as is_first
    from {{ ref('stg_ledger__accounts') }}
    window account as (partition by platform, account_id order by seen_at, run_id)
),

registered as (
    select
        *,
        coalesce(timezone(timezone, started_on::timestamp), '-infinity') as starts_at,
        coalesce(timezone(timezone, (ended_on + 1)::timestamp), 'infinity') as ends_at
    from {{ ref('stg_agency__accounts') }}
)

select
    registered.client_id,
    registered.platform,
    registered.account_id,
    changes.name as account_name,
    changes.status,
    registered.currency,
    registered.timezone,
    registered.conversion_tracking,
    registered.started_on,
    registered.ended_on,
    -- What was first seen is taken to have been so from the start.
    nullif(
        case
            when coalesce(changes.is_first, true) then registered.starts_at
            else greatest(changes.valid_from, registered.starts_at)
        end, '-infinity'
    ) as valid_from,
    nullif(least(changes.valid_to, registered.ends_at), 'infinity') as valid_to
from registered
left join changes
    on
        registered.platform = changes.platform
        and registered.account_id = changes.account_id
        and (changes.is_first or registered.ends_at > changes.valid_from)
        and registered.starts_at < changes.valid_to
