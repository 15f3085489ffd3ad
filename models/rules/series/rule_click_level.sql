-- Clicks out of proportion to impressions, which cost what they always do, or
-- impressions out of proportion to clicks that do, on one day or over a week: one row
-- per version.
with spans as (
    select
        series.version_id,
        series.client_id,
        series.platform,
        series.account_id,
        series.date,
        series.usual_ctr,
        series.usual_cpm,
        series.usual_cpc,
        series.spread,
        series.dispersion,
        setting.parameters['factor'] as factor,
        setting.parameters['deviations'] as deviations,
        {{ over_spans([1, 7], ['spend', 'clicks', 'impressions']) }}
    from {{ ref('int_series') }} as series
    inner join {{ ref('int_rules') }} as setting
        on series.client_id = setting.client_id and setting.rule = 'click_level'
    where series.money_days >= series.min_days
),

shifts as (
    select
        *,
        exp(usual_ctr[2]) * impressions as usual_clicks,
        ln(clicks / impressions) - usual_ctr[2] as ctr_shift,
        ln(spend / impressions) - usual_cpm[2] as cpm_shift,
        ln(spend / clicks) - usual_cpc[2] as cpc_shift,
        -- A week evens the scatter of its days out, not the drift that is left.
        greatest((usual_ctr[3] - usual_ctr[1]) / 1.349 / sqrt(days), spread)
            as own_spread
    from spans
    where spend > 0 and clicks > 0 and impressions > 0
),

judged as (
    select
        *,
        case
            when abs(ctr_shift) > 2 * abs(cpm_shift) then 'clicks'
            when
                abs(ctr_shift) > 2 * abs(cpc_shift)
                and abs(ctr_shift) >= ln(3 * factor)
                then 'impressions'
        end as metric
    from shifts
    where
        abs(ctr_shift) >= ln(factor)
        -- The root of a count deviates by half of its dispersion's root, whatever its
        -- level; the account's own scatter comes on top.
        and 2 * abs(sqrt(clicks + 0.375) - sqrt(usual_clicks + 0.375))
        >= deviations * sqrt(dispersion + own_spread ** 2 * least(usual_clicks, clicks))
)

select
    'click_level' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    metric,
    if(metric = 'clicks', clicks, impressions)::bigint::varchar as observed,
    format(
        'about {:.0f}',
        if(metric = 'clicks', usual_clicks, clicks / exp(usual_ctr[2]))
    ) as expected,
    format(
        'over {} days {:.2f} % of the impressions were clicked; {:.2f} % is usual',
        days, 100 * clicks / impressions, 100 * exp(usual_ctr[2])
    ) as message
from judged
where metric is not null
qualify row_number() over (partition by version_id order by days) = 1
