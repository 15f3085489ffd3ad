{#- Whether a waiver of `rule` that is in force covers the account-day `day`. -#}
{% macro is_waived(rule, day) -%}
    exists(
        select 1
        from {{ ref('int_waivers') }} as waiver
        where
            waiver.rule = {{ rule }}
            and {{ day }}.client_id = coalesce(waiver.client_id, {{ day }}.client_id)
            and {{ day }}.platform = coalesce(waiver.platform, {{ day }}.platform)
            and {{ day }}.date between waiver.from_date and waiver.to_date
    )
{%- endmacro %}
