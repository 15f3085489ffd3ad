{#- The quartiles of each of `ratios` over the baseline before a day, of the days with
    `condition`, as `<prefix>_<ratio>`; those of `money` within one currency. -#}
{% macro quartiles_before(ratios, money, condition, prefix) -%}
    {%- for name in ratios -%}
        quantile_cont(if({{ condition }}, ln_{{ name }}, null), [0.25, 0.5, 0.75])
            over {{ 'before_in_money' if name in money else 'before' }}
            as {{ prefix }}_{{ name }},
    {% endfor -%}
{%- endmacro %}
