-- What campaigns leave of the account's own total on days whose difference the agency
-- has waived: one row per version and action, and one with an empty action for
-- delivery.
{{ config(materialized='ephemeral') }}
{% set delivered = table_rows('measures', answer='delivery') %}
{% set converted = ['conversions', 'conversion_value'] %}

with differences as (
    select
        version_id,
        client_id,
        platform,
        account_id,
        date,
        -- 'spend', 'lead: conversions', or 'all actions: conversions' where the
        -- platform totals no single action.
        regexp_extract(metric, '^(?:(.*): )?(\w+)$', 1) as part,
        regexp_extract(metric, '^(?:(.*): )?(\w+)$', 2) as measure,
        expected::decimal(18, 6) - observed::decimal(18, 6) as amount
    from {{ ref('int_rule_rows') }}
    where rule = 'reconciliation' and waived
),

remainders as (
    select
        version_id,
        client_id,
        platform,
        account_id,
        date,
        {% for measure in delivered -%}
            sum(amount) filter (where measure = '{{ measure.name }}')
            ::{{ var('kinds')[measure.kind].type }} as {{ measure.name }},
        {% endfor -%}
        {% for measure in converted -%}
            sum(amount) filter (where measure = '{{ measure }}')::decimal(18, 6)
                as {{ measure }},
        {% endfor -%}
        if(part = 'all actions', 'unattributed', part) as action_id
    from differences
    where
        case
            when part = ''
                then measure in ({{ "'" ~ delivered | join("', '", 'name') ~ "'" }})
            else measure in ({{ "'" ~ converted | join("', '") ~ "'" }})
        end
    group by all
)

select
    remainder.version_id,
    remainder.action_id,
    coalesce(named.kpi, kpi_action.kpi) as kpi,
    {% for measure in delivered -%}
        remainder.{{ measure.name }},
    {% endfor -%}
    remainder.conversions,
    remainder.conversion_value
from remainders as remainder
left join {{ ref('int_action_lines') }} as named
    on
        remainder.client_id = named.client_id
        and remainder.platform = named.platform
        and remainder.account_id = named.account_id
        and remainder.action_id = named.action_id
        and remainder.date between named.starts_on and named.ends_on
        and named.precedence = 1
-- Campaigns may have none of an action that the total has.
left join {{ ref('int_kpi_actions') }} as kpi_action
    on
        remainder.client_id = kpi_action.client_id
        and remainder.platform = kpi_action.platform
        and remainder.action_id = kpi_action.action_type
        and remainder.date between kpi_action.starts_on and kpi_action.ends_on
qualify row_number() over (
    partition by remainder.version_id, remainder.action_id
    order by kpi_action.is_own desc
) = 1
