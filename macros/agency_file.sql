{#- A file of the agency's, every column as trimmed text; an empty cell, and every cell of
    a column that the file lacks, is NULL; a row without any text is none. What is trimmed
    is all that Unicode calls space, like the check that has read the file before. -#}
{% macro agency_file(name, columns) -%}
    {%- set space -%} [\t-\r\x1c-\x1f\x{85}\p{Z}]* {%- endset -%}
    {%- set text -%} '(?s)^{{ space }}(.*?){{ space }}$' {%- endset -%}
    select *
    from (
        select nullif(regexp_extract(columns({{ text }}), {{ text }}, 1), '') as '\1'
        from {{ source('agency', name) }}
        union all by name
        select {% for column in columns %}null::varchar as {{ column }}, {% endfor %}
        where false
    )
    where concat(*columns(*)) <> ''
{%- endmacro %}
