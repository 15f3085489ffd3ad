-- Conversions of an account that spent nothing within the click window: one row per
-- version.
with days as (
    select
        *,
        sum(spend) over click_window as spent,
        count(*) filter (where version_id is not null) over click_window as known_days
    from {{ ref('int_series_days') }}
    window click_window as (
        partition by platform, account_id order by date
        rows between 30 preceding and current row
    )
),

usual as (
    select
        days.*,
        -- Without spend, what still comes in is late: a few, fewer every day.
        max(conversions) over week_before as highest_before,
        min(spend) over week_before as lowest_spend_before,
        sum(conversions) over week_before as converted_before,
        count(*) filter (where spend > 0) over week_before as spending_days
    from days
    window week_before as (
        partition by platform, account_id order by date
        rows between 7 preceding and 1 preceding
    )
)

select
    'conversions_without_spend' as rule,
    usual.version_id,
    usual.client_id,
    usual.platform,
    usual.account_id,
    null::varchar as campaign_id,
    usual.date,
    'spend' as metric,
    '0' as observed,
    'more than 0 for ' || usual.conversions || ' conversions' as expected,
    if(
        usual.spent > 0,
        format(
            '{} conversions came without any delivery, as many as on days with it',
            usual.conversions
        ),
        format('{} conversions came 30 days after the last spend', usual.conversions)
    ) as message
from usual
inner join {{ ref('int_rules') }} as setting
    on
        usual.client_id = setting.client_id
        and setting.rule = 'conversions_without_spend'
where
    usual.spend = 0
    and usual.impressions = 0
    and usual.conversions > 0.01
    and (
        (usual.spent = 0 and usual.known_days = 31)
        or (
            usual.spending_days = 7
            and usual.conversions >= setting.parameters['min_conversions']
            and usual.conversions >= 0.5 * usual.converted_before / 7
        )
    )
