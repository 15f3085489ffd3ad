{#- What the answer `r` holds and its typed column does not: 'field=text, …' or NULL.
    fields: {field of the answer: [typed column, whether it must be there]}. A field that
    may be left out is looked for among the answer's `nulls`. -#}
{% macro invalid_fields(fields) -%}
    nullif(concat_ws(', '
    {%- for field, (column, required) in fields.items() -%}
        {%- set null = "if(list_has_any(nulls, " ~ field.split('.') ~ "), 'null', null)" -%}
        {%- set missing = "'missing'" if required else null -%}
        , case
            when {{ column }} is null
                then '{{ field }}=' || coalesce(r.{{ field }}, {{ missing }})
        end
    {%- endfor -%}
    ), '')
{%- endmacro %}
