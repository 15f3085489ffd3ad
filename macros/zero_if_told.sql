{#- 0 where what an answer leaves out of a measure is none of it, and NULL where the
    versions behind a row were not asked for it (its `told_measures`). -#}
{% macro zero_if_told(measure, relation) -%}
    if(list_contains({{ relation }}.told_measures, '{{ measure.name }}'), 0, null)
{%- endmacro %}
