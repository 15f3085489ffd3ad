-- Clients that were not collected lately: one row. A client is as fresh as its longest
-- unseen account.
with accounts as (
    select distinct
        client_id,
        platform,
        account_id
    from {{ ref('int_account_days') }}
    where date = last_closed_date and status is distinct from 'not_expected'
),

successes as (
    select
        platform,
        account_id,
        max(started_at) as last_success_at
    from {{ ref('stg_ledger__collections') }}
    where outcome = 'collected'
    group by all
),

clients as (
    select
        accounts.client_id,
        max(coalesce(
            date_diff('minute', successes.last_success_at, run.as_of) / 60,
            'infinity'::double
        )) as hours,
        any_value(setting.parameters['warn_hours']) as warn_hours,
        any_value(setting.parameters['fail_hours']) as fail_hours
    from accounts
    left join successes
        on
            accounts.platform = successes.platform
            and accounts.account_id = successes.account_id
    inner join {{ ref('int_rules') }} as setting
        on accounts.client_id = setting.client_id and setting.rule = 'freshness'
    cross join {{ ref('stg_run') }} as run
    group by accounts.client_id
),

counted as (
    select
        coalesce(
            list(client_id order by hours desc, client_id asc)
            filter (where hours > warn_hours), []
        ) as stale,
        count(*) filter (where hours > fail_hours) as failing,
        count(*) as total
    from clients
)

select
    'freshness' as name,
    case
        when failing > 0 then 'fail'
        when len(stale) > 0 then 'warn'
        else 'pass'
    end as status,
    len(stale)::varchar as observed,
    '0' as expected,
    len(stale) || ' clients were not collected within the time a daily run takes'
        as message,
    to_json({
        'staleClients': stale, 'good': total - len(stale), 'total': total
    }) as details
from counted
