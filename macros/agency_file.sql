{#- A file of the agency's, every column as trimmed text; an empty cell, and every cell of
    a column that the file lacks, is NULL. -#}
{% macro agency_file(name, columns) -%}
    select nullif(trim(columns('(.*)')), '') as '\1'
    from (
        select * from {{ source('agency', name) }}
        union all by name
        select {% for column in columns %}null::varchar as {{ column }}, {% endfor %}
        where false
    )
{%- endmacro %}
