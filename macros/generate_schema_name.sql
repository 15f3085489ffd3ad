{#- Schemas are called exactly as the folders say: staging, intermediate, rules, marts, health. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
