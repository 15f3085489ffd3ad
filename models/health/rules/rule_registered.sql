-- Accounts that are not what the agency registered: one row per version and metric
-- (currency, time zone, kind).
with managers as (
    select
        platform,
        account_id,
        arg_max(manager, seen_at) as is_manager
    from {{ ref('stg_ledger__accounts') }}
    group by all
),

facts as (
    select
        version_id,
        'currency' as metric,
        reported_currency as reported,
        registered_currency as registered
    from {{ ref('int_versions') }}
    -- A day without delivery need not name its currency.
    where reported_currency <> registered_currency
    union all
    select
        version_id,
        'timezone' as metric,
        reported_timezone as reported,
        registered_timezone as registered
    from {{ ref('int_versions') }}
    where reported_timezone <> registered_timezone
    union all
    select
        version.version_id,
        'account' as metric,
        'manager account' as reported,
        'ad account' as registered
    from {{ ref('int_versions') }} as version
    inner join managers
        on
            version.platform = managers.platform
            and version.account_id = managers.account_id
    where managers.is_manager
)

select
    'registered' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    facts.metric,
    facts.reported as observed,
    facts.registered as expected,
    format(
        'the platform says {} {}, agency/accounts.csv says {}',
        facts.metric, facts.reported, facts.registered
    ) as message
from facts
inner join {{ ref('int_versions') }} as version
    on facts.version_id = version.version_id
