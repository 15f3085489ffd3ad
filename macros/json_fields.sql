{#- The keys of measures in the answers of a platform, as from_json wants them. -#}
{% macro json_fields(measures, platform) -%}
    {%- for measure in measures -%}
        {%- set field = answer_field(platform, measure.wire[platform].field) -%}
        "{{ field.split('.') | last }}": "VARCHAR"{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
