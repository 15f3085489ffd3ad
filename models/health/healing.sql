-- Days that figures lacked and that were asked for again: one row per closed
-- account-day. What fails after a day was whole costs no figure.
with struck as (
    select
        *,
        healed_at is not null as healed,
        failed_attempts - 1 + healed::bigint as attempts
    from {{ ref('int_struck_days') }}
    where failed_attempts > 0
)

select
    client_id,
    platform,
    account_id,
    date,
    healed,
    attempts,
    first_reason as reason,
    first_asked_at as failed_at,
    coalesce(healed_at, last_failed_at) as last_attempt_at
from struck
where attempts > 0
