-- Conversions with their KPI: one row per version of an expected account-day, campaign
-- and action.
with versions as (
    select
        version_id,
        client_id,
        platform,
        date,
        conversion_tracking
    from {{ ref('int_versions') }}
),

actions as (
    select distinct
        versions.client_id,
        versions.platform,
        fact.action_id,
        fact.action_type
    from {{ ref('int_conversions') }} as fact
    inner join versions
        on fact.version_id = versions.version_id
),

-- An action may be named by its number or by its name; the client's own line comes
-- first, then the number.
mapped as (
    select
        actions.*,
        kpi_action.starts_on,
        kpi_action.ends_on,
        kpi_action.kpi,
        kpi_action.basis
    from actions
    inner join {{ ref('int_kpi_actions') }} as kpi_action
        on
            actions.client_id = kpi_action.client_id
            and actions.platform = kpi_action.platform
            and kpi_action.action_type in (actions.action_id, actions.action_type)
    qualify row_number() over (
        partition by
            actions.client_id, actions.platform, actions.action_id, actions.action_type,
            kpi_action.starts_on
        order by kpi_action.is_own desc, kpi_action.action_type = actions.action_id desc
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
