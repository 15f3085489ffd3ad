{#- The text `value` of a measure as a number of its kind, or NULL where it is none. -#}
{% macro cast_measure(measure, platform, value) -%}
    {%- if measure.wire[platform].micros -%}
        {{ strict_cast(value, 'bigint', 16) }}
    {%- elif measure.kind == 'count' -%}
        {{ strict_cast(value, 'bigint') }}
    {%- else -%}
        {{ strict_cast(value) }}
    {%- endif -%}
{%- endmacro %}
