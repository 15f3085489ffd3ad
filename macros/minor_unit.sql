{#- The smallest amount of a currency that Meta and Google report: 1 where a currency has no decimals, else 0.01. -#}
{% macro minor_unit(currency) -%}
    case
        when {{ currency }} in (
            'CLP', 'COP', 'CRC', 'HUF', 'IDR', 'ISK', 'JPY', 'KRW', 'PYG', 'TWD', 'VND'
        ) then 1 else 0.01
    end
{%- endmacro %}
