{#- The entries of `actions` and `action_values` in the rows `r` of `relation`, one row
    each; a list that is no list gives one row without type and value: it is invalid. -#}
{% macro meta_actions(relation) -%}
    {%- set entries = '[{"action_type": "VARCHAR", "value": "VARCHAR"}]' -%}
    {%- for list in ('actions', 'action_values') -%}
        {%- if not loop.first %} union all {% endif %}
        select
            version_id,
            r.campaign_id,
            '{{ list }}' as list,
            unnest(coalesce(from_json(r.{{ list }}, '{{ entries }}'), [null])) as r
        from {{ relation }}
        where json_type(r.{{ list }}) <> 'NULL'
    {%- endfor -%}
{%- endmacro %}
