{#- What the answer `r` holds of the `fields` and of the measures of a platform, and the
    typed columns do not; see invalid_fields. -#}
{% macro invalid_measures(measures, platform, fields={}) -%}
    {%- set found = dict(fields) -%}
    {%- for measure in measures -%}
        {%- set wire = measure.wire[platform] -%}
        {%- set typed = [measure.name, wire.get('required', false)] -%}
        {%- do found.update({answer_field(platform, wire.field): typed}) -%}
    {%- endfor -%}
    {{ invalid_fields(found) }}
{%- endmacro %}
