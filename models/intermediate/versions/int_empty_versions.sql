-- Answers without delivery: one row per version of a closed account-day that has no row
-- of delivery, or only rows of zeros, with what speaks against believing it.
{{ config(materialized='ephemeral') }}
{%- set figures =
    ['spend', 'impressions', 'clicks', 'conversions', 'all_conversions'] %}

with silent as (
    select
        version_id,
        client_id,
        platform,
        account_id,
        date,
        due_at,
        started_at,
        confirmed_at,
        delivery_rows
    from {{ ref('int_versions') }}
    where
        is_due
        and delivery_rows is not null
        -- What tells days by itself says of a day that it is empty.
        and not {{ platform_has('tells_days') }}
        and version_id not in (
            select facts.version_id from {{ ref('int_version_facts') }} as facts
        )
),

-- Few answers have rows and no delivery: what else these say, or fail to say.
other_answers as (
    select version_id
    from {{ ref('int_delivery') }}
    where
        version_id in (
            select silent.version_id from silent
            where silent.delivery_rows > 0
        )
        and (invalid is not null or {{ figures | join(' <> 0 or ') }} <> 0)
),

empty_versions as (
    select * exclude (delivery_rows)
    from silent
    anti join other_answers
        on silent.version_id = other_answers.version_id
),

delivered as (
    select
        version.platform,
        version.account_id,
        version.date,
        min(version.started_at) as first_started_at,
        arg_max(version.version_id, (version.started_at, version.run_id)) as version_id
    from {{ ref('int_versions') }} as version
    semi join empty_versions
        on
            version.platform = empty_versions.platform
            and version.account_id = empty_versions.account_id
    where
        -- What was only seen before the day had settled was a beginning, no promise.
        version.is_settled
        and version.version_id in (
            select facts.version_id
            from {{ ref('int_version_facts') }} as facts
            where facts.spend > 0 or facts.impressions > 0
        )
    group by all
),

last_delivered as (
    select
        empty_version.*,
        delivered.date as delivered_on,
        delivered.version_id as delivered_version_id
    from empty_versions as empty_version
    asof left join delivered
        on
            empty_version.platform = delivered.platform
            and empty_version.account_id = delivered.account_id
            and empty_version.date > delivered.date
),

statuses as (
    select
        *,
        min(seen_at) over (
            partition by platform, account_id, campaign_id
        ) as known_since
    from {{ ref('stg_ledger__campaigns') }}
    qualify row_number() over (
        partition by platform, account_id, campaign_id, seen_at order by run_id desc
    ) = 1
),

-- Campaigns of the last day with delivery.
spenders as (
    select
        last_delivered.version_id,
        last_delivered.platform,
        last_delivered.account_id,
        last_delivered.due_at,
        last_delivered.confirmed_at,
        fact.campaign_id
    from last_delivered
    inner join {{ ref('int_rules') }} as setting
        on
            last_delivered.client_id = setting.client_id
            and setting.rule = 'suspect_empty'
    inner join {{ ref('int_delivery') }} as fact
        on last_delivered.delivered_version_id = fact.version_id
    where
        last_delivered.date - last_delivered.delivered_on
        <= setting.parameters['days']
        and (fact.spend > 0 or fact.impressions > 0)
),

-- Whether the account could deliver, as of each change that the platform told.
activities as (
    select
        platform,
        account_id,
        seen_at,
        is_active
    from {{ ref('stg_ledger__accounts') }}
    qualify row_number() over (
        partition by platform, account_id, seen_at order by run_id desc
    ) = 1
),

-- The last look at the answer judges: what was paused until then, or belongs to an
-- account that was disabled, did not have to deliver. A status that was first seen long
-- after the day says nothing about it.
enabled as (
    select
        spender.version_id,
        count(*) as campaigns
    from spenders as spender
    asof inner join statuses
        on
            spender.platform = statuses.platform
            and spender.account_id = statuses.account_id
            and spender.campaign_id = statuses.campaign_id
            and spender.confirmed_at >= statuses.seen_at
    asof left join activities
        on
            spender.platform = activities.platform
            and spender.account_id = activities.account_id
            and spender.confirmed_at >= activities.seen_at
    where
        statuses.is_enabled
        and coalesce(activities.is_active, true)
        and statuses.known_since <= spender.due_at + interval 1 day
    group by spender.version_id
),

-- Accounts that could deliver and never did: alone they are new, together an outage.
silent_accounts as (
    select
        platform,
        account_id
    from {{ ref('stg_ledger__campaigns') }}
    group by platform, account_id, campaign_id
    having arg_max(is_enabled, (seen_at, run_id))
    except
    select
        platform,
        account_id
    from delivered
),

judged as (
    select
        last_delivered.version_id,
        last_delivered.client_id,
        last_delivered.platform,
        last_delivered.account_id,
        last_delivered.date,
        last_delivered.due_at,
        last_delivered.started_at,
        last_delivered.delivered_on,
        coalesce(enabled.campaigns, 0) as enabled_campaigns,
        coalesce(same_day.first_started_at < last_delivered.started_at, false)
            as had_delivery,
        silent_accounts.account_id is not null as never_delivered
    from last_delivered
    left join enabled
        on last_delivered.version_id = enabled.version_id
    left join delivered as same_day
        on
            last_delivered.platform = same_day.platform
            and last_delivered.account_id = same_day.account_id
            and last_delivered.date = same_day.date
    left join silent_accounts
        on
            last_delivered.platform = silent_accounts.platform
            and last_delivered.account_id = silent_accounts.account_id
)

select * from judged
