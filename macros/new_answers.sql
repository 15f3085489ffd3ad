{#- One answer (delivery, conversions, control_totals) of the versions of a platform that
    this model has not typed yet: chosen before any JSON is read. What landed twice counts
    once. `nulls` are values that are there and null: no zeros, unlike those left out. -#}
{% macro new_answers(platform, answer) -%}
    {%- set text = 'any_value(landed.' ~ answer ~ '::varchar)' -%}
    {%- set names = 'regexp_extract_all(' ~ text ~ ", '\"(\\w+)\": *null\\b', 1)" -%}
    select landed.version_id, {{ text }} as answer, any_value(told_measures) as told_measures,
        case when contains({{ text }}, 'null') then list_distinct({{ names }}) end as nulls
    from {{ source('ledger', 'account_days') }} as landed
    inner join {{ ref('stg_ledger__account_days') }} as version
        on landed.version_id = version.version_id
    where version.platform = '{{ platform }}' and version.{{ answer }}_rows > 0
    {% if is_incremental() -%}
        and version.version_id not in (select typed.version_id from {{ this }} as typed)
    {% endif -%}
    group by landed.version_id
{%- endmacro %}
