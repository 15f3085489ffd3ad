-- Money out of proportion to clicks and impressions alike, which are as ever, on one
-- day or over a week: one row per version. A currency, a unit or a fee has changed, or
-- a budget ran away.
with spans as (
    select
        series.version_id,
        series.client_id,
        series.platform,
        series.account_id,
        series.date,
        series.currency,
        series.usual_cpc,
        series.usual_cpm,
        series.spread,
        series.dispersion,
        setting.parameters['factor'] as factor,
        setting.parameters['deviations'] as deviations,
        {{ over_spans([1, 7], ['spend', 'clicks', 'impressions']) }}
    from {{ ref('int_series') }} as series
    inner join {{ ref('int_rules') }} as setting
        on series.client_id = setting.client_id and setting.rule = 'cost_level'
    where series.money_days >= series.min_days
),

shifts as (
    select
        *,
        ln(spend / clicks) - usual_cpc[2] as cpc_shift,
        ln(spend / impressions) - usual_cpm[2] as cpm_shift,
        sqrt(
            -- A week evens the scatter of its days out, not the drift that is left.
            greatest(((usual_cpc[3] - usual_cpc[1]) / 1.349) ** 2 / days, spread ** 2)
            + dispersion / clicks
        ) as deviation
    from spans
    where spend > 0 and clicks >= 3 and impressions > 0
)

select
    'cost_level' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    'spend' as metric,
    spend::varchar as observed,
    format('about {:.2f}', exp(usual_cpc[2]) * clicks) as expected,
    format(
        '{} clicks of {} days cost {:.2f} {} each; {:.2f} is usual',
        clicks::bigint, days, spend / clicks, currency, exp(usual_cpc[2])
    ) as message
from shifts
where
    sign(cpc_shift) = sign(cpm_shift)
    and least(abs(cpc_shift), abs(cpm_shift)) >= ln(factor)
    and abs(cpc_shift) >= deviations * deviation
qualify row_number() over (partition by version_id order by days) = 1
