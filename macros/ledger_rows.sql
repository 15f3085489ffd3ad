{#- The rows of a table of the ledger that landed completely and were seen until the
    instant of the build. None if the last collection is older than the table, so its
    columns are named with their types. -#}
{% macro ledger_rows(name, columns) -%}
    {%- set landed = source('ledger', name) -%}
    {%- if execute and load_relation(landed) is none -%}
        select {% for column, type in columns.items() %}null::{{ type }} as {{ column }}, {% endfor %}
        where false
    {%- else -%}
        select distinct {{ columns | join(', ') }}
        from {{ landed }}
        where
            _dlt_load_id in (select load_id from {{ source('ledger', '_dlt_loads') }} where status = 0)
            and seen_at <= (select as_of from {{ ref('stg_run') }})
    {%- endif -%}
{%- endmacro %}
