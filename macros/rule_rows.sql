{#- The violations of the relation `violations` with the agency's settings and waivers. -#}
{% macro rule_rows(violations) -%}
    select
        md5(concat_ws(
            '|', found.rule, found.client_id, found.platform, found.account_id,
            coalesce(found.campaign_id, ''), found.date, found.metric
        )) as finding_id,
        found.*, setting.severity, setting.blocks, setting.mode,
        {{ is_waived('found.rule', 'found') }} as waived
    from {{ violations }} as found
    inner join {{ ref('int_rules') }} as setting
        on found.rule = setting.rule and found.client_id = setting.client_id
{%- endmacro %}
