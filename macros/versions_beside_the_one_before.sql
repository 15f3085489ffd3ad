{#
  The settled versions of every day that has several, each beside the one before it: previous_id,
  previous_maturity and previous_<metric>. Days that were never restated have no row.
#}
{% macro versions_beside_the_one_before() %}
    select
        version.*,
        lag(version.version_id) over versions_of_day as previous_id,
        lag(version.maturity) over versions_of_day as previous_maturity,
        {% for metric in ['spend', 'impressions', 'clicks'] -%}
            coalesce(facts.{{ metric }}, 0) as {{ metric }},
            lag(coalesce(facts.{{ metric }}, 0)) over versions_of_day
                as previous_{{ metric }},
        {% endfor -%}
    from {{ ref('int_versions') }} as version
    -- Most days have one version: only the others are put in order.
    semi join (
        select
            superseded.platform,
            superseded.account_id,
            superseded.date
        from {{ ref('int_versions') }} as superseded
        where not superseded.is_current
    ) as changed_day
        on
            version.platform = changed_day.platform
            and version.account_id = changed_day.account_id
            and version.date = changed_day.date
    left join {{ ref('int_version_facts') }} as facts
        on version.version_id = facts.version_id
    where version.is_settled
    window versions_of_day as (
        partition by version.platform, version.account_id, version.date
        order by version.started_at, version.run_id
    )
{% endmacro %}
