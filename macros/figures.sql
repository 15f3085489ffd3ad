{#- The names of the figures of a day, a week or a month, in the order of the marts. -#}
{% macro figures() -%}
    {{ return(
        table_rows('measures') | selectattr('total') | map(attribute='total') | list
        + ['average_ctr', 'average_cpc']
        + table_rows('kpis') | map(attribute='name') | list
    ) }}
{%- endmacro %}
