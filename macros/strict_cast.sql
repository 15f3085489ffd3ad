{#- Text to a number, or NULL where DuckDB would guess ('37.5' is no count, '12,34' and
    '1_000' are no amounts), and where there is no such number of anything: an account's
    day has no 10 billions of any currency, and counts have at most `digits`. One absurd
    number is invalid then, and never too large for a sum over all clients. -#}
{% macro strict_cast(value, type='decimal(16, 6)', digits=12) -%}
    {%- set amount = '-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?' -%}
    {%- set count = '-?\\d{1,' ~ digits ~ '}' -%}
    {%- set pattern = count if type == 'bigint' else amount -%}
    try_cast(
        case when regexp_full_match({{ value }}, '{{ pattern }}') then {{ value }} end
        as {{ type }}
    )
{%- endmacro %}
