{#- What the answer `r` holds and its typed column does not, as 'field=text, …', or NULL.
    fields: {field of the answer: [typed column, whether it must be there]}. -#}
{% macro invalid_fields(fields) -%}
    nullif(concat_ws(', '
    {%- for field, (column, required) in fields.items() -%}
        {%- set text = "r." ~ field -%}
        , case
            when {{ column }} is null
                then '{{ field }}=' || {{ "coalesce(" ~ text ~ ", 'missing')" if required else text }}
        end
    {%- endfor -%}
    ), '')
{%- endmacro %}
