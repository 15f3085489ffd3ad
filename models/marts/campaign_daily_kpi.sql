-- Daily figures of campaigns on whole client-days: one row per client, platform,
-- account, campaign and date.
{% set measures = table_rows('measures') | selectattr('of_campaign') %}
select
    campaign_day.client_id,
    campaign_day.platform,
    campaign_day.account_id,
    campaign_day.campaign_id,
    campaign_day.date,
    campaign_day.currency,
    {% for measure in measures -%}
        campaign_day.{{ measure.of_campaign }},
    {% endfor -%}
    {% for cells in table_rows('ratios') -%}
        {{ ratio(cells, 'campaign_day') }} as {{ cells.name }},
    {% endfor -%}
    {% for figure in table_rows('kpis') -%}
        campaign_day.{{ figure.name }},
    {% endfor -%}
    if(campaign_day.conversion_tracking, 'tracked', 'not_configured')
        as conversions_state,
    campaign_day.maturity,
    score.score::double as quality_score,
    campaign_day.data_source,
    campaign_day.collected_at,
    campaign_day.confirmed_at,
    campaign_day.run_id
from {{ ref('int_campaign_days') }} as campaign_day
left join {{ ref('int_account_day_scores') }} as score
    on
        campaign_day.client_id = score.client_id
        and campaign_day.platform = score.platform
        and campaign_day.account_id = score.account_id
        and campaign_day.date = score.date
where campaign_day.is_whole
