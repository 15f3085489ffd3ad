{#- A whole number that collection and models share: SOURCES__<SOURCE>__<NAME>. -#}
{% macro platform_setting(source_name, name, default) -%}
    {{ env_var('SOURCES__' ~ source_name ~ '__' ~ name, default | string) | int }}
{%- endmacro %}
