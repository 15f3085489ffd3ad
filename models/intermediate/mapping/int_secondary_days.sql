-- What actions counted by the platform's primary count, and at all, where a KPI takes
-- the primary count and the platform does not say that the action has one: one row per
-- client, account, action and day.
with told as (
    select
        platform,
        account_id,
        action_id,
        primary_for_goal,
        seen_at,
        max(seen_at) filter (where primary_for_goal) over (
            partition by platform, account_id, action_id
        ) as primary_until
    from {{ ref('stg_ledger__actions') }}
),

listed as (
    select
        platform,
        account_id,
        action_id,
        arg_max(primary_for_goal, seen_at) as is_primary,
        min(seen_at) filter (
            where
            not primary_for_goal
            and seen_at > coalesce(primary_until, '-infinity')
        )::date as told_on
    from told
    group by all
),

-- Most actions never have conversions without a primary one among them.
suspects as (
    select distinct
        version.platform,
        version.account_id,
        fact.action_id
    from {{ ref('int_conversions') }} as fact
    inner join {{ ref('int_versions') }} as version
        on fact.version_id = version.version_id
    where fact.conversions = 0 and fact.all_conversions > 0 and version.is_current
),

kpis as (
    select distinct
        line.client_id,
        line.platform,
        line.kpi
    from {{ ref('int_action_lines') }} as line
    inner join suspects
        on
            line.platform = suspects.platform
            and line.account_id = suspects.account_id
            and line.action_id = suspects.action_id
    where line.precedence = 1
),

lines as (
    select
        line.client_id,
        line.platform,
        line.account_id,
        line.action_id,
        line.kpi,
        line.mapped_by,
        line.by_number,
        line.is_own,
        line.line_from,
        line.line_to,
        line.starts_on,
        line.ends_on,
        listed.is_primary,
        listed.told_on
    from {{ ref('int_action_lines') }} as line
    inner join kpis
        on
            line.client_id = kpis.client_id
            and line.platform = kpis.platform
            and line.kpi = kpis.kpi
    left join listed
        on
            line.platform = listed.platform
            and line.account_id = listed.account_id
            and line.action_id = listed.action_id
    where
        line.precedence = 1
        and line.kpi <> 'ignore'
        and line.basis = 'conversions'
        and listed.is_primary is distinct from true
)

select
    lines.client_id,
    lines.platform,
    lines.account_id,
    lines.action_id,
    lines.kpi,
    lines.mapped_by,
    lines.by_number,
    lines.is_own,
    lines.line_from,
    lines.line_to,
    lines.starts_on,
    lines.ends_on,
    coalesce(not lines.is_primary, false) as is_told,
    lines.told_on,
    version.date,
    sum(fact.conversions) as primary_conversions,
    sum(fact.all_conversions) as all_conversions
from lines
inner join {{ ref('int_conversions') }} as fact
    on lines.action_id = fact.action_id
inner join {{ ref('int_versions') }} as version
    on
        fact.version_id = version.version_id
        and lines.client_id = version.client_id
        and lines.platform = version.platform
        and lines.account_id = version.account_id
        and version.date between lines.starts_on and lines.ends_on
where
    version.is_current
    and version.conversion_tracking
    and fact.all_conversions is not null
group by all
