-- Daily figures: one row per client, platform and date of which all accounts have a
-- version to show.
{% set measures = table_rows('measures') | selectattr('total') | list %}
{% set kpis = table_rows('kpis') %}

with campaigns as (
    select
        client_id,
        platform,
        {% for measure in measures -%}
            sum({{ measure.of_campaign }}) as {{ measure.total }},
        {% endfor -%}
        {% for figure in kpis -%}
            sum({{ figure.name }}) as {{ figure.name }},
        {% endfor -%}
        date
    from {{ ref('int_campaign_days') }}
    group by all
),

scores as (
    select
        client_id,
        platform,
        date,
        round(avg(score), 6) as score
    from {{ ref('int_account_day_scores') }}
    group by all
),

measures as (
    select
        day.client_id,
        day.platform,
        day.date,
        day.currency,
        -- What one account of the day was not asked for is not known of the day.
        {% for measure in measures -%}
            case
                when {{ zero_if_told(measure, 'day') }} = 0
                    then coalesce(campaigns.{{ measure.total }}, 0)
            end::{{ var('kinds')[measure.kind].type }} as {{ measure.total }},
        {% endfor -%}
        {% for figure in kpis -%}
            case
                when
                    day.is_tracked and '{{ figure.kpi }}' in day.kpis
                    and '{{ figure.measure }}' in day.told_measures
                    then coalesce(campaigns.{{ figure.name }}, 0)
            end::decimal(18, 6) as {{ figure.name }},
        {% endfor -%}
        if(day.is_tracked, 'tracked', 'not_configured') as conversions_state,
        day.maturity,
        scores.score as quality_score,
        day.data_source,
        day.collected_at,
        day.confirmed_at,
        day.run_id,
        day.is_whole
    from {{ ref('int_client_days') }} as day
    left join campaigns
        on
            day.client_id = campaigns.client_id
            and day.platform = campaigns.platform
            and day.date = campaigns.date
    left join scores
        on
            day.client_id = scores.client_id
            and day.platform = scores.platform
            and day.date = scores.date
    where day.is_whole or day.is_today
)

select
    {% for cells in table_rows('ratios') -%}
        {{ ratio(cells, 'measures') }} as {{ cells.name }},
    {% endfor -%}
    *
from measures
