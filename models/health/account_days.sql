-- Closed account-days of the expected calendar: one row per account and date, with its
-- status and the reason for it.
select
    client_id,
    platform,
    account_id,
    date,
    status,
    case when status = 'whole' then maturity end as maturity,
    reason,
    collected_at,
    confirmed_at,
    attempts,
    data_source,
    version_id,
    waived,
    contradicted_by
from {{ ref('int_account_days') }}
where is_due
