-- Days that are told only otherwise than they are registered: one row per account-day
-- and fact. A day with a settled version as it is registered is none of them, also when
-- the platform tells it otherwise since.
{{ config(materialized='ephemeral') }}

with latest as (
    select *
    from {{ ref('int_differing_versions') }}
    qualify row_number() over (
        partition by platform, account_id, date, metric
        order by started_at desc, run_id desc
    ) = 1
),

differing as (
    select distinct version_id
    from {{ ref('int_differing_versions') }}
),

versions as (
    select
        version.platform,
        version.account_id,
        version.date,
        max(version.started_at) as started_at,
        bool_or(version.is_settled and differing.version_id is null) as is_answered
    from {{ ref('int_versions') }} as version
    left join differing
        on version.version_id = differing.version_id
    semi join latest
        on
            version.platform = latest.platform
            and version.account_id = latest.account_id
            and version.date = latest.date
    group by version.platform, version.account_id, version.date
),

said as (
    select
        account.platform,
        account.account_id,
        arg_max(upper(account.currency), (account.seen_at, account.run_id)) as currency,
        arg_max(
            coalesce(zone.zone, account.timezone), (account.seen_at, account.run_id)
        ) as timezone
    from {{ ref('stg_ledger__accounts') }} as account
    left join {{ ref('stg_agency__zones') }} as zone
        on account.timezone = zone.name
    group by account.platform, account.account_id
)

select
    latest.client_id,
    latest.platform,
    latest.account_id,
    latest.date,
    latest.is_due,
    latest.metric,
    latest.reported,
    latest.registered,
    -- Whether the account itself is now as it is registered.
    coalesce(
        case latest.metric
            when 'currency' then said.currency = latest.registered
            when 'timezone'
                then said.timezone = coalesce(zone.zone, latest.registered)
        end,
        false
    ) as is_told_as_registered
from latest
inner join versions
    on
        latest.platform = versions.platform
        and latest.account_id = versions.account_id
        and latest.date = versions.date
        -- What is told last; the running day may have begun in another way.
        and latest.started_at = versions.started_at
left join said
    on latest.platform = said.platform and latest.account_id = said.account_id
left join {{ ref('stg_agency__zones') }} as zone
    on latest.registered = zone.name
where not (latest.is_due and versions.is_answered)
