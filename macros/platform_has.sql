{#- Whether the platform in a column has a property of its row in dbt_project.yml. -#}
{% macro platform_has(property, platform='platform') -%}
    {%- set names = [] -%}
    {%- for row in table_rows('platforms') if row.get(property) -%}
        {%- do names.append("'" ~ row.name ~ "'") -%}
    {%- endfor -%}
    {{ platform ~ ' in (' ~ names | join(', ') ~ ')' if names else 'false' }}
{%- endmacro %}
