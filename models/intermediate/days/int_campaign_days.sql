-- Campaign-days: one row per account-day that has a version to show, and campaign;
-- delivery and conversions are added, never joined, so that neither loses rows of the
-- other. What is left of the account's total where that is waived is a campaign too.
{% set measures = table_rows('measures') | selectattr('of_campaign') | list %}
{% set kpis = table_rows('kpis') %}
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
        account_day.told_measures,
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
        {% for measure in measures -%}
            {{ measure.name }},
        {% endfor -%}
        null::varchar as kpi,
        null::decimal(18, 6) as conversions,
        null::decimal(18, 6) as conversion_value
    from {{ ref('int_delivery') }}
    union all
    select
        version_id,
        campaign_id,
        {% for measure in measures -%}
            null as {{ measure.name }},
        {% endfor -%}
        kpi,
        conversions,
        conversion_value
    from {{ ref('int_conversions_mapped') }}
    union all
    select
        version_id,
        'unattributed' as campaign_id,
        {% for measure in measures -%}
            {{ measure.name }},
        {% endfor -%}
        kpi,
        conversions,
        conversion_value
    from {{ ref('int_remainders') }}
),

-- Summed before anything is joined: the key of a group is short then.
sums as (
    select
        {% for measure in measures -%}
            sum({{ measure.name }}) as {{ measure.name }},
        {% endfor -%}
        {% for figure in kpis -%}
            coalesce(
                sum({{ figure.measure }}) filter (where kpi = '{{ figure.kpi }}'), 0
            ) as {{ figure.name }},
        {% endfor -%}
        version_id,
        campaign_id
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
        -- A campaign without a row of what was asked for has none of it.
        {% for measure in measures -%}
            coalesce(sums.{{ measure.name }}, {{ zero_if_told(measure, 'shown') }})
            ::{{ var('kinds')[measure.kind].type }} as {{ measure.of_campaign }},
        {% endfor -%}
        {% for figure in kpis -%}
            case
                when
                    shown.conversion_tracking and '{{ figure.kpi }}' in shown.kpis
                    and '{{ figure.measure }}' in shown.told_measures
                    then sums.{{ figure.name }}
            end::decimal(18, 6) as {{ figure.name }},
        {% endfor -%}
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
