{#- The text of a measure in the row `r` of an answer of Meta's: the field itself, or the
    value of its `entry` in a list of action types. -#}
{% macro meta_value(wire) -%}
    {%- if wire.entry -%}
        list_filter(
            from_json(
                r.{{ wire.field }}, '[{"action_type": "VARCHAR", "value": "VARCHAR"}]'
            ),
            lambda entry: entry.action_type = '{{ wire.entry }}'
        )[1].value
    {%- else -%}
        r.{{ wire.field }}
    {%- endif -%}
{%- endmacro %}
