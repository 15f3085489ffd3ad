{#- The looks at the versions of a relation: each version as it was collected, and every
    collection that saw it again. -#}
{% macro looks_at(versions) -%}
    select * from {{ versions }}
    union all
    select
        {{ versions }}.* replace (
            sighting.run_id as run_id, sighting.started_at as started_at
        )
    from {{ versions }}
    inner join {{ ref('stg_ledger__sightings') }} as sighting
        on {{ versions }}.version_id = sighting.version_id
{%- endmacro %}
