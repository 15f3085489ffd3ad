{#- Schemas are called as the folders are: staging, intermediate, rules and so on. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
