{#- A variable of the environment as an SQL text, or NULL if it is not set or empty. -#}
{% macro environment(variable) -%}
    nullif('{{ env_var(variable, "") | replace("'", "''") }}', '')
{%- endmacro %}
