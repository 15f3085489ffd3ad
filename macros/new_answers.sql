{#- One answer (delivery, conversions, control_totals) of the versions of a platform that
    this model has not typed yet: chosen before any JSON is read. What landed twice counts
    once. -#}
{% macro new_answers(platform, answer) -%}
    select landed.version_id, any_value(landed.{{ answer }}::varchar) as answer
    from {{ source('ledger', 'account_days') }} as landed
    inner join {{ ref('stg_ledger__account_days') }} as version
        on landed.version_id = version.version_id
    where version.platform = '{{ platform }}' and version.{{ answer }}_rows > 0
    {% if is_incremental() -%}
        and version.version_id not in (select typed.version_id from {{ this }} as typed)
    {% endif -%}
    group by landed.version_id
{%- endmacro %}
