{#- The figures that are sums, each with its type. -#}
{% macro summed_types() -%}
    {%- set types = {} -%}
    {%- for measure in table_rows('measures') | selectattr('total') -%}
        {%- do types.update({measure.total: var('kinds')[measure.kind].type}) -%}
    {%- endfor -%}
    {%- for kpi in table_rows('kpis') -%}
        {%- do types.update({kpi.name: 'decimal(18, 6)'}) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}
