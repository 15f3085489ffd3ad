-- Figures outside the usual bounds that are unusual for the account too, or whose
-- bounds the agency watches for the client: one row per version and metric.
select
    'usual_bounds' as rule,
    bounds.version_id,
    bounds.client_id,
    bounds.platform,
    bounds.account_id,
    null::varchar as campaign_id,
    bounds.date,
    bounds.metric,
    format('{:.2f}', bounds.figure) as observed,
    format('{} to {}', bounds.lowest, bounds.highest) as expected,
    format(
        '{} is {:.2f}; the usual bounds are {} to {}',
        bounds.metric, bounds.figure, bounds.lowest, bounds.highest
    ) as message
from {{ ref('int_usual_bounds') }} as bounds
inner join {{ ref('int_rules') }} as setting
    on bounds.client_id = setting.client_id and setting.rule = 'usual_bounds'
where
    setting.parameters['watched'] = 1
    or (
        bounds.usual between bounds.lowest and bounds.highest
        and (
            bounds.figure >= setting.parameters['factor'] * bounds.usual
            or bounds.figure * setting.parameters['factor'] <= bounds.usual
        )
        and bounds.clicks >= setting.parameters['few_clicks']
    )
