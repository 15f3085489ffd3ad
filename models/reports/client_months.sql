-- Figures of clients by month: one row per client, platform, month and currency.
-- Platform '' is all platforms together, complete only if each of them is.
{%- set sums = summed_types() %}

with shown as (
    select
        client_id,
        platform,
        date_trunc('month', date)::date as month,
        list(distinct data_source) as data_sources,
        list(distinct conversions_state) as conversions_states,
        round(avg(quality_score), 1) as quality_score,
        max(collected_at) as collected_at,
        min(confirmed_at) as confirmed_at
    from {{ ref('daily_kpi') }}
    group by all
),

withheld as (
    select
        client_id,
        platform,
        date_trunc('month', date)::date as month,
        string_agg(
            distinct concat_ws(': ', status, reason), '; '
            order by concat_ws(': ', status, reason)
        ) filter (where status <> 'whole') as reason
    from {{ ref('withheld_days') }}
    group by all
),

platforms as (
    select
        monthly.client_id,
        monthly.platform,
        {{ platform_has('beside_total', 'monthly.platform') }}
        and (monthly.client_id, monthly.platform) not in (
            select (added.client_id, added.platform)
            from {{ ref('stg_files__added_to_total') }} as added
        ) as is_beside,
        monthly.month,
        monthly.currency,
        {% for measure in sums -%}
            monthly.{{ measure }},
        {% endfor -%}
        monthly.days_expected,
        monthly.days_whole,
        monthly.days_expected = day(last_day(monthly.month)) as is_full_month,
        monthly.status,
        monthly.maturity,
        coalesce(shown.conversions_states, []) as conversions_states,
        shown.quality_score,
        shown.data_sources,
        shown.collected_at,
        shown.confirmed_at,
        withheld.reason
    from {{ ref('monthly_kpi') }} as monthly
    left join shown
        on
            monthly.client_id = shown.client_id
            and monthly.platform = shown.platform
            and monthly.month = shown.month
    left join withheld
        on
            monthly.client_id = withheld.client_id
            and monthly.platform = withheld.platform
            and monthly.month = withheld.month
),

-- What one platform does not know, all of them together do not know either. What stands
-- beside the total is in it only where no other platform knows the figure.
clients as (
    select
        client_id,
        '' as platform,
        month,
        currency,
        {% for measure, type in sums.items() -%}
            case
                when count({{ measure }}) filter (where not is_beside) > 0
                    then if(
                        count({{ measure }}) filter (where not is_beside)
                        = count(*) filter (where not is_beside),
                        sum({{ measure }}) filter (where not is_beside), null
                    )
                else sum({{ measure }}) filter (where is_beside)
            end::{{ type }} as {{ measure }},
        {% endfor -%}
        sum(days_expected)::bigint as days_expected,
        sum(days_whole)::bigint as days_whole,
        bool_and(is_full_month) as is_full_month,
        case
            when bool_or(status = 'in_progress') then 'in_progress'
            when bool_or(status = 'incomplete') then 'incomplete'
            else 'complete'
        end as status,
        if(bool_or(maturity = 'preliminary'), 'preliminary', any_value(maturity))
            as maturity,
        list_distinct(flatten(list(conversions_states))) as conversions_states,
        round(avg(quality_score), 1) as quality_score,
        list_distinct(flatten(list(data_sources))) as data_sources,
        max(collected_at) as collected_at,
        min(confirmed_at) as confirmed_at,
        string_agg(platform || ': ' || reason, '; ' order by platform) as reason
    from platforms
    group by client_id, month, currency
),

months as (
    select
        {% for cells in table_rows('ratios') -%}
            {{ ratio(cells, 'month') }} as {{ cells.name }},
        {% endfor -%}
        month.*
    from (
        select * exclude (is_beside) from platforms
        union all
        select * from clients
    ) as month
)

select
    month.client_id,
    client.client_name,
    month.platform,
    month.month,
    month.currency,
    {% for measure in sums -%}
        month.{{ measure }},
    {% endfor -%}
    {% for name in var('ratios') -%}
        month.{{ name }},
    {% endfor -%}
    month.days_expected,
    month.days_whole,
    month.is_full_month,
    month.status,
    month.maturity,
    if(
        month.platform <> '' and month.days_whole = 0,
        'not_known', array_to_string(list_sort(month.conversions_states), ', ')
    ) as conversions_state,
    month.quality_score,
    array_to_string(list_sort(month.data_sources), ', ') as data_source,
    month.collected_at,
    month.confirmed_at,
    month.reason
from months as month
left join {{ ref('clients') }} as client
    on month.client_id = client.client_id
