{#- The sum of a measure over the rows of an answer, typed as its kind. What is left out
    is zero; NULL where the version was not asked for it (`told_measures`). -#}
{% macro sum_measure(measure, platform) -%}
    {%- set asked = "list_contains(any_value(told_measures), '" ~ measure.name ~ "')" -%}
    {%- set always = measure.always and not measure.wire[platform].optional -%}
    {%- set rest = '0' if always else 'if(' ~ asked ~ ', 0, null)' -%}
    {%- set micros = ' * 0.000001' if measure.wire[platform].micros else '' -%}
    (coalesce(sum({{ measure.name }}), {{ rest }}){{ micros }})
    ::{{ var('kinds')[measure.kind].type }}
{%- endmacro %}
