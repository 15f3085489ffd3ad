{#- Write the descriptions of the tables that a build made, and of their columns, into the
    file: a measure's from its own table, where none is written. One transaction at the
    end: each comment by itself would wait for the disk. -#}
{% macro comment_on_tables(results) -%}
    {%- set made = results | selectattr('status', 'equalto', 'success') | map(attribute='node')
        | selectattr('resource_type', 'equalto', 'model') | list %}
    {%- if made -%}
        begin;
        {{ comment_on_measures() }}
        {%- for model in made %}
            {%- set table = api.Relation.create(model.database, model.schema, model.name) %}
        comment on table {{ table }} is '{{ model.description | replace("'", "''") }}';
            {%- for column in model.columns.values() %}
        comment on column {{ table }}."{{ column.name }}"
            is '{{ column.description | replace("'", "''") }}';
            {%- endfor %}
        {%- endfor %}
        commit;
    {%- endif -%}
{%- endmacro %}
