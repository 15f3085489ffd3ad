-- A day that cost several times as much as the dearest of the account's last six weeks:
-- one row per version.
select
    'spend_level' as rule,
    series.version_id,
    series.client_id,
    series.platform,
    series.account_id,
    null::varchar as campaign_id,
    series.date,
    'spend' as metric,
    series.spend::decimal(18, 2)::varchar as observed,
    format('at most {:.2f}', setting.parameters['factor'] * series.highest_spend)
        as expected,
    format(
        '{:.2f} {} were spent; the dearest day of six weeks had {:.2f}',
        series.spend, series.currency, series.highest_spend
    ) as message
from {{ ref('int_series') }} as series
inner join {{ ref('int_rules') }} as setting
    on series.client_id = setting.client_id and setting.rule = 'spend_level'
where
    series.money_days >= series.min_days
    and series.highest_spend > 0
    and series.spend > setting.parameters['factor'] * series.highest_spend
    and series.spend >= setting.parameters['min_spend_pln'] / coalesce(
        (
            select arg_max(rate.pln, rate.date)
            from {{ ref('stg_agency__rates') }} as rate
            where rate.currency = series.currency
        ), 1
    )
