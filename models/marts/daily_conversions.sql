-- Conversions by action on whole client-days: one row per client, platform, account,
-- campaign, date and action.
with shown as (
    select
        account_day.version_id,
        account_day.client_id,
        account_day.platform,
        account_day.account_id,
        account_day.date,
        account_day.currency
    from {{ ref('int_account_days') }} as account_day
    inner join {{ ref('int_client_days') }} as client_day
        on
            account_day.client_id = client_day.client_id
            and account_day.platform = client_day.platform
            and account_day.date = client_day.date
    where client_day.is_whole
)

select
    shown.client_id,
    shown.platform,
    shown.account_id,
    conversion.campaign_id,
    shown.date,
    conversion.action_type,
    conversion.action_id,
    conversion.kpi,
    shown.currency,
    conversion.conversions,
    conversion.conversion_value,
    conversion.primary_conversions
from {{ ref('int_conversions_mapped') }} as conversion
inner join shown
    on conversion.version_id = shown.version_id
