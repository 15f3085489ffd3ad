-- A figure that does not move for days: one row per version and metric.
{%- set measures = [
    'spend', 'impressions', 'clicks', 'conversions', 'reservation_value'
] %}

with days as (
    select
        {% for measure in measures -%}
            {{ measure }} = lag({{ measure }}, 1) over account
            and {{ measure }} = lag({{ measure }}, 2) over account
            and {{ measure }} = lag({{ measure }}, 3) over account
                as {{ measure }}_is_fixed,
        {% endfor -%}
        *
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
