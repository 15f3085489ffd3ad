{#- The sums of `measures` by version and action, of versions that have a row with
    `condition` alone: few have one at all. -#}
{% macro summed_actions(measures, condition, rows='true') -%}
    select
        version_id,
        action_type,
        {% for measure in measures -%}
            sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_conversions') }}
    where
        {{ rows }}
        and version_id in (
            select fact.version_id from {{ ref('int_conversions') }} as fact where {{ condition }}
        )
    group by version_id, action_type
{%- endmacro %}
