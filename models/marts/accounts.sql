-- Registered accounts: one row per account, client it belongs to, and span in which its name and status did not change.
with changes as (
    select
        *,
        seen_at as valid_from,
        lead(seen_at) over (partition by platform, account_id order by seen_at, run_id) as valid_to,
        row_number() over (partition by platform, account_id order by seen_at, run_id) = 1 as is_first
    from {{ ref('stg_ledger__accounts') }}
),

registered as (
    select
        *,
        timezone(timezone, started_on::timestamp) as starts_at,
        timezone(timezone, (ended_on + 1)::timestamp) as ends_at
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
    case
        when coalesce(changes.is_first, true) then registered.starts_at
        else greatest(changes.valid_from, registered.starts_at)
    end as valid_from,
    least(changes.valid_to, registered.ends_at) as valid_to
from registered
left join changes
    on
        registered.platform = changes.platform
        and registered.account_id = changes.account_id
        and (changes.is_first or changes.valid_from < coalesce(registered.ends_at, 'infinity'::timestamptz))
        and coalesce(changes.valid_to, 'infinity'::timestamptz) > coalesce(registered.starts_at, '-infinity'::timestamptz)
