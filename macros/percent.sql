{#- A part of a whole in percent; NULL where there is nothing to divide by. -#}
{% macro percent(part, whole) -%}
    (100 * {{ part }} / nullif({{ whole }}, 0))::double
{%- endmacro %}
