{#- Comments on every column that is named like a measure: what its row says of it. -#}
{% macro comment_on_measures() -%}
    {%- for measure in table_rows('measures') -%}
        {%- set names = [measure.name, measure.total, measure.of_campaign] | select -%}
        {%- set named = run_query(
            "select schema_name, table_name, column_name from duckdb_columns()"
            ~ " where database_name = '" ~ target.database ~ "' and column_name in ('"
            ~ names | join("', '") ~ "')"
        ) -%}
        {%- for schema, table, column in named.rows %}
        comment on column {{ api.Relation.create(target.database, schema, table) }}
            ."{{ column }}" is '{{ measure.meaning | replace("'", "''") }}';
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
