-- Accounts that are not what the agency registered: one row per version and metric (currency, time zone, kind).
with facts as (
    select
        version.*,
        unnest([
            {'metric': 'currency', 'reported': version.reported_currency, 'registered': version.registered_currency},
            {'metric': 'timezone', 'reported': version.reported_timezone, 'registered': version.registered_timezone},
            {
                'metric': 'account',
                'reported': case when account.is_manager then 'manager account' else 'ad account' end,
                'registered': 'ad account'
            }
        ], recursive := true)
    from {{ ref('int_versions') }} as version
    left join (
        select platform, account_id, arg_max(manager, seen_at) as is_manager
        from {{ ref('stg_ledger__accounts') }}
        group by all
    ) as account
        on version.platform = account.platform and version.account_id = account.account_id
)

select
    'registered' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    metric,
    reported as observed,
    registered as expected,
    'the platform says ' || metric || ' ' || reported || ', agency/accounts.csv says ' || registered as message
from facts
-- A day without delivery need not name its currency.
where reported <> registered
