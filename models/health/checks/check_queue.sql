-- Days that wait for their first collection: one row.
with counted as (
    select
        count(*) as waiting,
        count(distinct client_id) as clients
    from {{ ref('int_account_days') }}
    where is_due and reason = 'queued' and not waived
)

select
    'queue' as name,
    case when waiting = 0 then 'pass' else 'warn' end as status,
    waiting::varchar as observed,
    '0' as expected,
    format(
        '{} account-days of {} clients wait for their first collection',
        waiting, clients
    ) as message,
    to_json({ 'waiting': waiting }) as details
from counted
