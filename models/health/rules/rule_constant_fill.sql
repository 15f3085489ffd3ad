-- A figure that does not move for days: one row per version and metric.
with figures as (
    select
        *,
        lag(figure, 1) over account as figure_1,
        lag(figure, 2) over account as figure_2,
        lag(figure, 3) over account as figure_3
    from {{ ref('int_series_days') }}
    unpivot (
        figure for metric in (
            spend, impressions, clicks, conversions, reservation_value
        )
    )
    window account as (partition by platform, account_id, metric order by date)
)

select
    'constant_fill' as rule,
    figures.version_id,
    figures.client_id,
    figures.platform,
    figures.account_id,
    null::varchar as campaign_id,
    figures.date,
    figures.metric,
    figures.figure::varchar as observed,
    'a figure that moves from day to day' as expected,
    format('{} was {} on each of the last days', figures.metric, figures.figure)
        as message
from figures
inner join {{ ref('int_rules') }} as setting
    on figures.client_id = setting.client_id and setting.rule = 'constant_fill'
where
    figures.version_id is not null
    -- Chance repeats small figures; large ones four days in a row it does not.
    and figures.figure >= setting.parameters['min_figure']
    and figures.figure = figures.figure_1
    and figures.figure = figures.figure_2
    and figures.figure = figures.figure_3
