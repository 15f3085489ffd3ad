-- The agency's months in its reporting currency: one row per month and platform, over
-- all clients. Platform '' is all platforms together. Money of which one client has
-- none in the reporting currency is not known of the agency.
{%- set money = money_figures() %}

with months as (
    select
        *,
        days_converted = days_whole as is_converted
    from {{ ref('monthly_kpi_reporting') }}
)

select
    month,
    coalesce(platform, '') as platform,
    any_value(reporting_currency) as currency,
    {% for figure, type in summed_types().items() -%}
        {% if figure in money -%}
            if(
                bool_and(is_converted), {{ as_money('sum(' ~ figure ~ ')') }}, null
            ) as {{ figure }},
        {% elif figure in var('kpis') -%}
            sum({{ figure }})::{{ type }} as {{ figure }},
        {% else -%}
            -- What one client's whole days do not tell is not known of all of them.
            case
                when not bool_or(days_whole > 0 and {{ figure }} is null)
                    then sum({{ figure }})
            end::{{ type }} as {{ figure }},
        {% endif -%}
    {% endfor -%}
    sum(days_expected)::bigint as days_expected,
    sum(days_whole)::bigint as days_whole,
    count(distinct client_id) as clients,
    count(distinct client_id)
    - count(distinct if(days_whole < days_expected, client_id, null)) as clients_whole,
    array_to_string(
        list_sort(list_distinct(list(if(is_converted, null, currency)))), ', '
    ) as unconverted,
    case
        when bool_or(status = 'in_progress') then 'in_progress'
        when bool_or(status = 'incomplete') then 'incomplete'
        else 'complete'
    end as status
from months
group by grouping sets ((month, platform), (month))
