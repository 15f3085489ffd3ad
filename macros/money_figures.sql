{#- The figures that are sums of money, in the order of the marts. -#}
{% macro money_figures() -%}
    {%- set names = [] -%}
    {%- for measure in table_rows('measures', kind='money') if measure.total -%}
        {%- do names.append(measure.total) -%}
    {%- endfor -%}
    {%- for kpi in table_rows('kpis') if var('measures')[kpi.measure].kind == 'money' -%}
        {%- do names.append(kpi.name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
