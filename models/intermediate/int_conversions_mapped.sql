-- Conversions with their KPI: one row per version of an expected account-day, campaign
-- and action.
with versions as (
    select
        version_id,
        client_id,
        platform,
        date,
        started_at,
        conversion_tracking
    from {{ ref('int_versions') }}
),

actions as (
    select
        versions.client_id,
        versions.platform,
        fact.action_id,
        fact.action_type,
        max(versions.started_at) as named_at
    from {{ ref('int_conversions') }} as fact
    inner join versions
        on fact.version_id = versions.version_id
    group by all
),

current_names as (
    select
        client_id,
        platform,
        action_id,
        arg_max(action_type, named_at) as action_type
    from actions
    group by all
),

-- A renamed action keeps its number, and so the line of a name it had before, unless
-- another action has that name now.
names as (
    select
        actions.client_id,
        actions.platform,
        actions.action_id,
        actions.action_type,
        other.action_type as name,
        other.named_at
    from actions
    inner join actions as other
        on
            actions.client_id = other.client_id
            and actions.platform = other.platform
            and actions.action_id = other.action_id
    left join current_names
        on
            other.client_id = current_names.client_id
            and other.platform = current_names.platform
            and other.action_type = current_names.action_type
            and other.action_id <> current_names.action_id
    where
        other.action_type = actions.action_type or current_names.action_id is null
),

-- An action may be named by its number or by its name; the client's own line comes
-- first, then the number, then the name it has.
mapped as (
    select
        names.client_id,
        names.platform,
        names.action_id,
        names.action_type,
        kpi_action.action_type as mapped_by,
        kpi_action.starts_on,
        kpi_action.ends_on,
        kpi_action.kpi,
        kpi_action.basis
    from names
    inner join {{ ref('int_kpi_actions') }} as kpi_action
        on
            names.client_id = kpi_action.client_id
            and names.platform = kpi_action.platform
            and kpi_action.action_type in (names.action_id, names.name)
    qualify row_number() over (
        partition by
            names.client_id, names.platform, names.action_id, names.action_type,
            kpi_action.starts_on
        order by
            kpi_action.is_own desc,
            kpi_action.action_type = names.action_id desc,
            kpi_action.action_type = names.action_type desc,
            names.named_at desc
    ) = 1
),

conversions as (
    select
        fact.version_id,
        fact.campaign_id,
        fact.action_id,
        fact.action_type,
        -- What a client does not track is no KPI, whatever the platform counts.
        case when versions.conversion_tracking then mapped.kpi end as kpi,
        case
            when mapped.basis = 'all_conversions'
                then coalesce(fact.all_conversions, fact.conversions)
            else fact.conversions
        end as conversions,
        case
            when mapped.basis = 'all_conversions'
                then coalesce(fact.all_conversion_value, fact.conversion_value)
            else fact.conversion_value
        end as conversion_value,
        mapped.mapped_by,
        fact.conversions as primary_conversions,
        mapped.kpi is not null as is_mapped
    from {{ ref('int_conversions') }} as fact
    inner join versions
        on fact.version_id = versions.version_id
    left join mapped
        on
            versions.client_id = mapped.client_id
            and versions.platform = mapped.platform
            and fact.action_id = mapped.action_id
            and fact.action_type = mapped.action_type
            and versions.date between mapped.starts_on and mapped.ends_on
)

select * from conversions
