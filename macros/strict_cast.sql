{#- Text to a number, or NULL where DuckDB would guess:
    '37.5' is no count, '12,34' and '1_000' are no amounts. -#}
{% macro strict_cast(value, type='decimal(18, 6)') -%}
    {%- set amount = '-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?' -%}
    {%- set pattern = '-?\\d+' if type == 'bigint' else amount -%}
    try_cast(
        case when regexp_full_match({{ value }}, '{{ pattern }}') then {{ value }} end
        as {{ type }}
    )
{%- endmacro %}
