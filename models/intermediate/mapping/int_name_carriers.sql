-- Lines of the agency's file whose name several counted actions of an account had: one
-- row per client, account, line and action.
{{ config(materialized='ephemeral') }}

with shared as (
    select
        client_id,
        platform,
        account_id,
        mapped_by,
        is_own,
        line_from
    from {{ ref('int_action_lines') }}
    where not by_number
    group by all
    having count(distinct action_id) > 1
),

carriers as (
    select
        line.client_id,
        line.platform,
        line.account_id,
        line.mapped_by,
        line.is_own,
        line.line_from,
        line.action_id,
        min(line.first_told_at) as first_told_at,
        min(version.date) as first_date,
        max(version.date) as last_date
    from {{ ref('int_action_lines') }} as line
    inner join shared
        on
            line.client_id = shared.client_id
            and line.platform = shared.platform
            and line.account_id = shared.account_id
            and line.mapped_by = shared.mapped_by
            and line.is_own = shared.is_own
            and line.line_from = shared.line_from
    inner join {{ ref('int_conversions') }} as fact
        on line.action_id = fact.action_id
    inner join {{ ref('int_versions') }} as version
        on
            fact.version_id = version.version_id
            and line.client_id = version.client_id
            and line.platform = version.platform
            and line.account_id = version.account_id
            and version.date between line.starts_on and line.ends_on
    where
        not line.by_number
        and version.is_current
        and (fact.conversions <> 0 or fact.all_conversions <> 0)
    group by all
),

-- What the action counts as on its last day, and by which line.
name_carriers as (
    select
        carrier.* exclude (is_own),
        carrier.is_own as names_own,
        -- Which clients an end of the line would concern, or the own line on Meta.
        coalesce(users.accounts > 1, false) as is_shared,
        coalesce(
            users.accounts > 1 or users.accounts_of_others > 0, not carrier.is_own
        ) as is_needed_elsewhere,
        line.mapped_by as counts_by,
        line.by_number,
        line.kpi,
        line.basis,
        line.line_from as counts_from,
        line.line_to as counts_to,
        line.is_own,
        line.is_displaced,
        -- The next action of a name is counted as the one before it was.
        bool_or(
            line.by_number and line.kpi <> 'ignore' and line.basis = 'all_conversions'
        ) over moved and not line.by_number as follows_all_conversions,
        count(*) over moved as carriers,
        bool_or(not line.by_number) over moved
        and bool_or(line.kpi <> 'ignore') over moved as is_open,
        row_number() over (
            partition by
                carrier.client_id, carrier.platform, carrier.account_id,
                carrier.mapped_by, carrier.is_own, carrier.line_from
            order by carrier.first_told_at desc, carrier.first_date desc
        ) = 1 as is_newest
    from carriers as carrier
    inner join {{ ref('int_action_lines') }} as line
        on
            carrier.client_id = line.client_id
            and carrier.platform = line.platform
            and carrier.account_id = line.account_id
            and carrier.action_id = line.action_id
            and carrier.last_date between line.starts_on and line.ends_on
            and line.precedence = 1
    left join {{ ref('int_line_users') }} as users
        on
            carrier.client_id = users.client_id
            and carrier.platform = users.platform
            and carrier.mapped_by = users.mapped_by
            and carrier.is_own = users.is_own
            and carrier.line_from = users.line_from
    window moved as (
        partition by
            carrier.client_id, carrier.platform, carrier.account_id,
            carrier.mapped_by, carrier.is_own, carrier.line_from
    )
)

select *
from name_carriers
where carriers > 1 and is_open
