-- Figures of campaigns by month: one row per client, platform, account, campaign, month
-- and currency. A campaign's month is as complete as its platform's.
{%- set sums = summed_types() %}

with names as (
    select
        platform,
        account_id,
        campaign_id,
        arg_max(campaign_name, valid_from) as campaign_name
    from {{ ref('campaigns') }}
    group by platform, account_id, campaign_id
),

campaigns as (
    select
        client_id,
        platform,
        account_id,
        campaign_id,
        date_trunc('month', date)::date as month,
        any_value(currency) as currency,
        -- What is not known of one day is not known of the month.
        {% for measure in table_rows('measures') | selectattr('total') -%}
            case
                when count({{ measure.of_campaign }}) = count(*)
                    then sum({{ measure.of_campaign }})
            end::{{ sums[measure.total] }} as {{ measure.total }},
        {% endfor -%}
        {% for kpi in var('kpis') -%}
            sum({{ kpi }})::{{ sums[kpi] }} as {{ kpi }},
        {% endfor -%}
        if(bool_or(maturity = 'preliminary'), 'preliminary', any_value(maturity))
            as maturity,
        string_agg(distinct conversions_state, ', ' order by conversions_state)
            as conversions_state,
        round(avg(quality_score), 1) as quality_score,
        string_agg(distinct data_source, ', ' order by data_source) as data_source,
        max(collected_at) as collected_at,
        min(confirmed_at) as confirmed_at
    from {{ ref('campaign_daily_kpi') }}
    group by all
)

select
    campaign.client_id,
    client_month.client_name,
    campaign.platform,
    campaign.account_id,
    campaign.campaign_id,
    names.campaign_name,
    campaign.month,
    client_month.status,
    client_month.days_whole,
    client_month.days_expected,
    campaign.currency,
    {% for measure in sums -%}
        campaign.{{ measure }},
    {% endfor -%}
    {% for cells in table_rows('ratios') -%}
        {{ ratio(cells, 'campaign') }} as {{ cells.name }},
    {% endfor -%}
    campaign.conversions_state,
    campaign.maturity,
    campaign.quality_score,
    campaign.data_source,
    campaign.collected_at,
    campaign.confirmed_at
from campaigns as campaign
left join names
    on
        campaign.platform = names.platform
        and campaign.account_id = names.account_id
        and campaign.campaign_id = names.campaign_id
left join {{ ref('client_months') }} as client_month
    on
        campaign.client_id = client_month.client_id
        and campaign.platform = client_month.platform
        and campaign.month = client_month.month
        and campaign.currency = client_month.currency
