{#- An amount as money; NULL where it is larger than any amount of money that is kept. -#}
{% macro as_money(amount) -%}
    try_cast({{ amount }} as {{ var('kinds')['money'].type }})
{%- endmacro %}
