-- Conversions with their KPI: one row per version of an expected account-day, campaign
-- and action.
with versions as (
    select
        version_id,
        client_id,
        platform,
        account_id,
        date,
        conversion_tracking
    from {{ ref('int_versions') }}
),

mapped as (
    select
        client_id,
        platform,
        account_id,
        action_id,
        mapped_by,
        starts_on,
        ends_on,
        kpi,
        basis
    from {{ ref('int_action_lines') }}
    where precedence = 1
),

conversions as (
    select
        fact.version_id,
        fact.campaign_id,
        fact.action_id,
        fact.action_type,
        -- What a client does not track is no KPI, even if the platform counts it.
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
        fact.all_conversions,
        mapped.kpi is not null as is_mapped
    from {{ ref('int_conversions') }} as fact
    inner join versions
        on fact.version_id = versions.version_id
    left join mapped
        on
            versions.client_id = mapped.client_id
            and versions.platform = mapped.platform
            and versions.account_id = mapped.account_id
            and fact.action_id = mapped.action_id
            and versions.date between mapped.starts_on and mapped.ends_on
)

select * from conversions
