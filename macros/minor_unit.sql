{#- The smallest amount that platforms report in a currency; 1 if it has no decimals. -#}
{% macro minor_unit(currency) -%}
    case
        when {{ currency }} in (
            {{ "'" ~ var('whole_currencies') | join("', '") ~ "'" }}
        ) then 1 else 0.01
    end
{%- endmacro %}
