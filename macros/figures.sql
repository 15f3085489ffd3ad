{#- The names of the figures of a day, a week or a month, in the order of the marts: each
    ratio after the sums that it is made of. -#}
{% macro figures() -%}
    {%- set totals = table_rows('measures') | selectattr('total') | map(attribute='total') | list -%}
    {%- set ratios = table_rows('ratios') -%}
    {{ return(
        totals + ratios | selectattr('of', 'in', totals) | map(attribute='name') | list
        + var('kpis') | list + ratios | rejectattr('of', 'in', totals) | map(attribute='name') | list
    ) }}
{%- endmacro %}
