{#- One of the `settings` of dbt_project.yml, as the agency's file has it or as it is
    without. -#}
{% macro agency_setting(name) -%}
    coalesce(
        (
            select max(line.value)
            from {{ ref('stg_agency__settings') }} as line
            where line.setting = '{{ name }}'
        ), '{{ var('settings')[name].value }}'
    )
{%- endmacro %}
