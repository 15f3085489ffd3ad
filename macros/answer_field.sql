{#- A field of a request as the answers of its platform spell it: Google's cost_micros is
    costMicros there. -#}
{% macro answer_field(platform, field) -%}
    {%- for part in field.split('_') if var('platforms')[platform].camel_case -%}
        {{ part if loop.first else part | capitalize }}
    {%- else -%}
        {{ field }}
    {%- endfor -%}
{%- endmacro %}
