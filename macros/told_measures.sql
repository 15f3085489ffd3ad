{#- A list of the measures that a version was asked for, by its `platform` and by the
    fields that it `asked` for; NULL for each of the others. -#}
{% macro told_measures() -%}
    [
    {%- for measure in table_rows('measures') -%}
        {%- for platform, wire in measure.wire.items() -%}
            {%- set asked = "list_contains(asked, '" ~ wire.field ~ "')" -%}
            case
                when platform = '{{ platform }}' and {{ measure.always and not wire.optional or asked }}
                    then '{{ measure.name }}'
            end,
        {%- endfor -%}
    {%- endfor %} null]
{%- endmacro %}
