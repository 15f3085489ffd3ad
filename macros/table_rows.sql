{#- The rows of a table of dbt_project.yml, each a mapping with its `name`; with further
    arguments only those with these cells: table_rows('measures', answer='delivery'). -#}
{% macro table_rows(table) -%}
    {%- set rows = [] -%}
    {%- for name, cells in var(table).items() -%}
        {%- set row = dict(cells, name=name) -%}
        {%- if dict(row, **kwargs) == row -%}
            {%- do rows.append(row) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}
