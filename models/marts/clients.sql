-- The agency's clients: one row per client.
with accounts as (
    select
        platform,
        account_id,
        arg_max(client_id, date) as client_id,
        max(date) as last_date,
        arg_max(status, date) as last_status
    from {{ ref('int_account_days') }}
    where is_due
    group by platform, account_id
),

-- Accounts in two time zones close a day up to one day apart. One that ended earlier is
-- collected no more.
last_days as (
    select
        client_id,
        coalesce(
            min(last_date) filter (
                where last_date >= (
                    select max(newest.last_date) - 1 from accounts as newest
                )
            ),
            max(last_date)
        ) as last_closed_day
    from accounts
    where last_status <> 'not_expected'
    group by client_id
)

select
    client.client_id,
    client.client_name,
    client.owner,
    client.started_on,
    client.ended_on,
    client.completeness_target,
    last_days.last_closed_day
from {{ ref('stg_agency__clients') }} as client
left join last_days
    on client.client_id = last_days.client_id
