-- Actions that were counted lately and that the agency's file does not name: one row
-- per account, action and other action of the account that had the same name, one
-- without another for an action that had its name alone.
{{ config(materialized='ephemeral') }}

with actions as (
    select
        version.client_id,
        version.platform,
        version.account_id,
        conversion.action_id,
        max(conversion.action_type) as action_type,
        min(version.date) as first_date,
        max(version.date) as last_date,
        sum(greatest(
            conversion.conversions, coalesce(conversion.all_conversions, 0)
        )) as conversions
    from {{ ref('int_conversions_mapped') }} as conversion
    inner join {{ ref('int_versions') }} as version
        on conversion.version_id = version.version_id
    where
        not conversion.is_mapped
        and version.is_current
        -- Google counts its secondary actions in the second alone.
        and (conversion.conversions > 0 or conversion.all_conversions > 0)
    group by all
),

recent as (
    select actions.*
    from actions
    inner join {{ ref('int_rules') }} as setting
        on
            actions.client_id = setting.client_id
            and setting.rule = 'unmapped_action_types'
    inner join {{ ref('stg_run') }} as run
        on actions.last_date >= run.as_of::date - setting.parameters['days']::integer
),

names as (
    select
        name.platform,
        name.account_id,
        name.action_id,
        name.name,
        name.name_key,
        name.is_current
    from {{ ref('int_action_names') }} as name
    semi join recent
        on name.platform = recent.platform and name.account_id = recent.account_id
    where name.name is not null
),

-- Actions of the account that had the same name, the action itself among them, if the
-- line of another day names it.
namesakes as (
    select distinct
        recent.client_id,
        recent.platform,
        recent.account_id,
        recent.action_id,
        other.action_id as other_id
    from recent
    inner join names
        on
            recent.platform = names.platform
            and recent.account_id = names.account_id
            and recent.action_id = names.action_id
    inner join names as other
        on
            names.platform = other.platform
            and names.account_id = other.account_id
            and names.name_key = other.name_key
),

named as (
    select
        recent.*,
        max(names.name) filter (where names.is_current) as name
    from recent
    left join names
        on
            recent.platform = names.platform
            and recent.account_id = names.account_id
            and recent.action_id = names.action_id
    group by all
)

select
    named.*,
    namesakes.other_id
from named
left join namesakes
    on
        named.client_id = namesakes.client_id
        and named.platform = namesakes.platform
        and named.account_id = namesakes.account_id
        and named.action_id = namesakes.action_id
