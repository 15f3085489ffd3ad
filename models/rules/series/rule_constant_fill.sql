-- A figure that does not move for days: one row per version and metric.
{%- set measures = [
    'spend', 'impressions', 'clicks', 'conversions', 'reservation_value'
] %}
{%- set money = ['spend', 'reservation_value'] %}

with days as (
    select
        version_id,
        client_id,
        platform,
        account_id,
        {% for measure in measures -%}
            {{ measure }},
            {{ measure }} = lag({{ measure }}) over account
            {{ 'and currency = lag(currency) over account' if measure in money }}
                as {{ measure }}_is_fixed,
        {% endfor -%}
        date
    from {{ ref('int_series_days') }}
    window account as (partition by platform, account_id order by date)
),

figures as (
    {% for measure in measures %}
        select
            version_id,
            client_id,
            platform,
            account_id,
            date,
            '{{ measure }}' as metric,
            {{ measure }} as figure
        from days
        where {{ measure }}_is_fixed
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Chance repeats small figures; large ones four days in a row it does not.
fixed as (
    select
        figures.*,
        lag(figures.date, 2) over metric_of_account = figures.date - 2 as is_fourth
    from figures
    inner join {{ ref('int_rules') }} as setting
        on
            figures.client_id = setting.client_id
            and setting.rule = 'constant_fill'
            and figures.figure >= setting.parameters['min_figure']
    window
        metric_of_account as (
            partition by figures.platform, figures.account_id, figures.metric
            order by figures.date
        )
)

select
    'constant_fill' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    metric,
    figure::varchar as observed,
    'a figure that moves from day to day' as expected,
    format('{} was {} on each of the last days', metric, figure) as message
from fixed
where is_fourth
