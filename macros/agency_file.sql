{#- A file of the agency's, every column as trimmed text; columns the file lacks, and empty cells, are NULL. -#}
{% macro agency_file(name, columns) -%}
    select {% for column in columns %}nullif(trim({{ column }}), '') as {{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from (
        select * from {{ source('agency', name) }}
        union all by name
        select {% for column in columns %}null::varchar as {{ column }}{{ ', ' if not loop.last }}{% endfor %}
        where false
    )
{%- endmacro %}
