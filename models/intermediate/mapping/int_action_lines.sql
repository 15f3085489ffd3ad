-- Which lines of the agency's file mean which action: one row per client, account,
-- action, line, span of dates and way in which the line names the action. The line with
-- precedence 1 counts.
with accounts as (
    select distinct
        client_id,
        platform,
        account_id
    from {{ ref('stg_agency__accounts') }}
),

names as (
    select
        accounts.client_id,
        name.*
    from {{ ref('int_action_names') }} as name
    inner join accounts
        on
            name.platform = accounts.platform
            and name.account_id = accounts.account_id
),

actions as (
    select distinct
        client_id,
        platform,
        account_id,
        action_id
    from names
),

lines as (
    select * from {{ ref('int_kpi_actions') }}
),

by_number as (
    select
        actions.*,
        line.* exclude (client_id, platform),
        true as by_number,
        true as is_exact,
        null::timestamptz as first_told_at,
        false as came_by_rename
    from actions
    inner join lines as line
        on
            actions.client_id = line.client_id
            and actions.platform = line.platform
            and lower(actions.action_id) = line.action_key
),

-- A name counts that the action had when the line was first read, or later. Where an
-- action has a line's very spelling, a like one does not count.
by_name as (
    select
        names.client_id,
        names.platform,
        names.account_id,
        names.action_id,
        line.* exclude (client_id, platform),
        false as by_number,
        line.action_type = names.name as is_exact,
        names.first_told_at,
        not names.is_first
        and names.first_told_at > coalesce(line.line_since, '-infinity'::timestamptz)
            as came_by_rename
    from names
    inner join lines as line
        on
            names.client_id = line.client_id
            and names.platform = line.platform
            and names.name_key = line.action_key
    where
        names.ended_at is null
        or line.line_since is null
        or names.ended_at > line.line_since
    qualify
        line.action_type = names.name
        or not bool_or(line.action_type = names.name) over (
            partition by
                names.client_id, names.platform, names.account_id, line.action_type,
                line.starts_on
        )
),

-- What an action counts as does not change by a rename: a line that only its new name
-- finds comes last. Else the client's own line comes first, then the number, then the
-- name that the action had first.
action_lines as (
    select
        candidate.* exclude (action_type),
        candidate.action_type as mapped_by,
        row_number() over (
            partition by
                candidate.client_id, candidate.platform, candidate.account_id,
                candidate.action_id, candidate.starts_on
            order by
                candidate.came_by_rename,
                not candidate.is_own,
                not candidate.by_number,
                candidate.first_told_at,
                not candidate.is_exact,
                candidate.action_type
        ) as precedence
    from (
        select * from by_number
        union all by name
        select * from by_name
    ) as candidate
)

select * from action_lines
