{#- A file of the agency's, every column as trimmed text; an empty cell, and every cell of
    a column that the file lacks, is NULL; a row without any text is none. What is trimmed
    is all that Unicode calls space, like the check that has read the file before.
    optional: a folder that a person wrote may lack the file, and it has no rows then. -#}
{% macro agency_file(name, columns, optional=false) -%}
    {%- set space -%} [\t-\r\x1c-\x1f\x{85}\p{Z}]* {%- endset -%}
    {%- set text -%} '(?s)^{{ space }}(.*?){{ space }}$' {%- endset -%}
    {%- set file = source('agency', name) -%}
    {%- set path = (file | string).partition('read_csv(')[2].partition(".csv',")[0] -%}
    select *
    from (
        {% if not (optional and path and execute) or run_query("from glob(" ~ path ~ ".csv')").rows %}
        select nullif(regexp_extract(columns({{ text }}), {{ text }}, 1), '') as '\1'
        from {{ file }} union all by name {% endif %}
        select {% for column in columns %}null::varchar as {{ column }}, {% endfor %}
        where false
    ) where concat(*columns(*)) <> ''
{%- endmacro %}
