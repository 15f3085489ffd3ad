-- No clicks, or no spend, where chance cannot explain it, on one day or over a week:
-- one row per version and measure.
with spans as (
    select
        series.version_id,
        series.client_id,
        series.platform,
        series.account_id,
        series.date,
        series.usual_ctr,
        series.usual_cpm,
        series.dispersion,
        series.min_days,
        series.history_days,
        series.money_days,
        setting.parameters['surprise'] as surprise,
        {{ over_spans([1, 7], ['spend', 'clicks', 'impressions']) }}
    from {{ ref('int_series') }} as series
    inner join {{ ref('int_rules') }} as setting
        on series.client_id = setting.client_id and setting.rule = 'zero_clicks'
),

days as (
    select
        *,
        exp(usual_ctr[2]) * impressions as expected_clicks,
        exp(usual_cpm[2]) * impressions as expected_spend
    from spans
    where impressions > 0
),

zeros as (
    select
        *,
        'clicks' as metric,
        format('about {:.0f}', expected_clicks) as expected
    from days
    where clicks = 0 and history_days >= min_days
    union all
    select
        *,
        'spend' as metric,
        format('about {:.2f}', expected_spend) as expected
    from days
    where spend = 0 and money_days >= min_days
)

select
    'zero_clicks' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    metric,
    '0' as observed,
    expected,
    format(
        'no {} on {} impressions of {} days; {} is usual',
        metric, impressions::bigint, days, expected
    ) as message
from zeros
where expected_clicks * log10(dispersion) / (dispersion - 1) >= surprise
qualify row_number() over (partition by version_id, metric order by days) = 1
