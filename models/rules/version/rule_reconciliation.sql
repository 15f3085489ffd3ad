-- Campaigns that do not add up to the platform's own totals: one row per version and
-- metric, beyond what dbt_project.yml allows its kind.
select
    'reconciliation' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    difference.metric,
    difference.found::varchar as observed,
    difference.total::varchar as expected,
    format(
        '{}: the campaigns add up to {}, the account''s own total is {}',
        difference.metric, difference.found::double, difference.total::double
    ) as message
from {{ ref('int_control_differences') }} as difference
inner join {{ ref('int_versions') }} as version
    on difference.version_id = version.version_id
where
    abs(difference.found - difference.total) > case difference.kind
        {% for kind in table_rows('kinds') -%}
            when '{{ kind.name }}'
                then
                    {{ kind.tolerance }} + {{ 0.5 * kind.half_units }}
                    * (difference.campaigns + 1) * {{ minor_unit('version.currency') }}
        {% endfor %}
    end
