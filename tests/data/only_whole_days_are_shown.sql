-- A client's platform-day is in the daily figures exactly if all of its expected
-- account-days are whole.
with expected as (
    select
        client_id,
        platform,
        date,
        bool_and(status = 'whole' and is_due) as is_whole
    from {{ ref('int_account_days') }}
    where status <> 'not_expected'
    group by all
),

shown as (
    select
        client_id,
        platform,
        date,
        'daily_kpi' as mart
    from {{ ref('daily_kpi') }}
    union all
    select distinct
        client_id,
        platform,
        date,
        'campaign_daily_kpi' as mart
    from {{ ref('campaign_daily_kpi') }}
    union all
    select distinct
        client_id,
        platform,
        date,
        'daily_conversions' as mart
    from {{ ref('daily_conversions') }}
)

select
    coalesce(shown.client_id, expected.client_id) as client_id,
    coalesce(shown.platform, expected.platform) as platform,
    coalesce(shown.date, expected.date) as date,
    shown.mart
from expected
full join shown
    on
        expected.client_id = shown.client_id
        and expected.platform = shown.platform
        and expected.date = shown.date
where
    (shown.mart is not null and not coalesce(expected.is_whole, false))
    or (shown.mart is null and expected.is_whole)
