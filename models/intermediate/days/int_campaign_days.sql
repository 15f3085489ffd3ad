-- Campaign-days: one row per account-day that has a version to show, and campaign;
-- delivery and conversions are added, never joined, so that neither loses rows of the
-- other. What is left of the account's total where that is waived is a campaign too.
{% set kpis = ('click_to_call', 'email_contacts', 'reservations') %}
with shown as (
    select
        account_day.version_id,
        account_day.client_id,
        account_day.platform,
        account_day.account_id,
        account_day.date,
        account_day.currency,
        account_day.conversion_tracking,
        account_day.maturity,
        account_day.data_source,
        account_day.collected_at,
        account_day.confirmed_at,
        account_day.run_id,
        client_day.kpis,
        client_day.is_whole
    from {{ ref('int_account_days') }} as account_day
    inner join {{ ref('int_client_days') }} as client_day
        on
            account_day.client_id = client_day.client_id
            and account_day.platform = client_day.platform
            and account_day.date = client_day.date
    where client_day.is_whole or client_day.is_today
),

facts as (
    select
        version_id,
        campaign_id,
        spend,
        impressions,
        clicks,
        link_clicks,
        null::varchar as kpi,
        null::decimal(18, 6) as conversions,
        null::decimal(18, 6) as conversion_value
    from {{ ref('int_delivery') }}
    union all
    select
        version_id,
        campaign_id,
        null as spend,
        null as impressions,
        null as clicks,
        null as link_clicks,
        kpi,
        conversions,
        conversion_value
    from {{ ref('int_conversions_mapped') }}
    union all
    select
        version_id,
        'unattributed' as campaign_id,
        spend,
        impressions,
        clicks,
        link_clicks,
        kpi,
        conversions,
        conversion_value
    from {{ ref('int_remainders') }}
),

-- Summed before anything is joined: the key of a group is short then.
sums as (
    select
        version_id,
        campaign_id,
        coalesce(sum(spend), 0)::decimal(18, 6) as total_spend,
        coalesce(sum(impressions), 0)::bigint as total_impressions,
        coalesce(sum(clicks), 0)::bigint as total_clicks,
        sum(link_clicks)::bigint as link_clicks,
        {% for kpi in kpis -%}
            coalesce(sum(conversions) filter (where kpi = '{{ kpi }}'), 0)
                as {{ kpi }},
        {% endfor -%}
        coalesce(sum(conversion_value) filter (where kpi = 'reservations'), 0)
            as reservation_value
    from facts
    group by version_id, campaign_id
),

campaign_days as (
    select
        shown.client_id,
        shown.platform,
        shown.account_id,
        sums.campaign_id,
        shown.date,
        shown.currency,
        sums.total_spend,
        sums.total_impressions,
        sums.total_clicks,
        sums.link_clicks,
        {% for kpi in kpis -%}
            case
                when shown.conversion_tracking and '{{ kpi }}' in shown.kpis
                    then sums.{{ kpi }}
            end::decimal(18, 6) as {{ kpi }},
        {% endfor -%}
        case
            when shown.conversion_tracking and 'reservations' in shown.kpis
                then sums.reservation_value
        end::decimal(18, 6) as reservation_value,
        shown.conversion_tracking,
        shown.maturity,
        shown.data_source,
        shown.collected_at,
        shown.confirmed_at,
        shown.run_id,
        shown.is_whole
    from sums
    inner join shown
        on sums.version_id = shown.version_id
)

select * from campaign_days
