-- Versions that are not as their day is registered: one row per version and fact
-- (currency, time zone, kind of account). A spelling of the same zone is no difference.
{{ config(materialized='ephemeral') }}

with managers as (
    select
        platform,
        account_id,
        arg_max(manager, seen_at) as is_manager
    from {{ ref('stg_ledger__accounts') }}
    group by all
),

other_zones as (
    select
        version.version_id,
        version.reported_timezone,
        version.registered_timezone
    from {{ ref('int_versions') }} as version
    left join {{ ref('stg_agency__zones') }} as reported
        on version.reported_timezone = reported.name
    left join {{ ref('stg_agency__zones') }} as registered
        on version.registered_timezone = registered.name
    where
        version.reported_timezone <> version.registered_timezone
        and coalesce(reported.zone, version.reported_timezone)
        <> coalesce(registered.zone, version.registered_timezone)
),

facts as (
    select
        version_id,
        'currency' as metric,
        reported_currency as reported,
        registered_currency as registered
    from {{ ref('int_versions') }}
    -- A day without delivery need not name its currency.
    where upper(reported_currency) <> registered_currency
    union all
    select
        version_id,
        'timezone' as metric,
        reported_timezone as reported,
        registered_timezone as registered
    from other_zones
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
    facts.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    version.date,
    version.is_due,
    version.is_settled,
    version.started_at,
    version.run_id,
    facts.metric,
    facts.reported,
    facts.registered
from facts
inner join {{ ref('int_versions') }} as version
    on facts.version_id = version.version_id
