-- Conversions by action on whole client-days: one row per client, platform, account,
-- campaign, date and action.
with shown as (
    select
        account_day.version_id,
        account_day.client_id,
        account_day.platform,
        account_day.account_id,
        account_day.date,
        account_day.currency,
        account_day.conversion_tracking
    from {{ ref('int_account_days') }} as account_day
    inner join {{ ref('int_client_days') }} as client_day
        on
            account_day.client_id = client_day.client_id
            and account_day.platform = client_day.platform
            and account_day.date = client_day.date
    where client_day.is_whole
),

conversions as (
    select
        version_id,
        campaign_id,
        action_type,
        action_id,
        kpi,
        conversions,
        conversion_value,
        primary_conversions
    from {{ ref('int_conversions_mapped') }}
    union all
    select
        version_id,
        'unattributed' as campaign_id,
        action_id as action_type,
        action_id,
        kpi,
        coalesce(conversions, 0) as conversions,
        coalesce(conversion_value, 0) as conversion_value,
        coalesce(conversions, 0) as primary_conversions
    from {{ ref('int_remainders') }}
    where action_id <> ''
)

select
    shown.client_id,
    shown.platform,
    shown.account_id,
    conversion.campaign_id,
    shown.date,
    conversion.action_type,
    conversion.action_id,
    if(shown.conversion_tracking, conversion.kpi, null) as kpi,
    shown.currency,
    conversion.conversions,
    conversion.conversion_value,
    conversion.primary_conversions
from conversions as conversion
inner join shown
    on conversion.version_id = shown.version_id
