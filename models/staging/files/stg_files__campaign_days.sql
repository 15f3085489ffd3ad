-- Delivery in files: one row per version and campaign, typed strictly.
{{ config(materialized='incremental') }}
{% set measures = table_rows('measures')
    | selectattr('wire.files') | list %}

with answers as (
    {{ new_answers('files', 'delivery') }}
),

rows_of_answers as (
    select
        version_id,
        nulls,
        told_measures,
        unnest(from_json(
            answer,
            '[{ "campaign": "VARCHAR", {{ json_fields(measures, 'files') }} }]'
        )) as r
    from answers
),

typed as (
    select
        version_id,
        nulls,
        told_measures,
        coalesce(r.campaign, '') as campaign_id,
        {% for measure in measures -%}
            {{ cast_measure(measure, 'files', 'r.' ~ measure.wire.files.field) }}
                as {{ measure.name }},
        {% endfor -%}
        r
    from rows_of_answers
),

judged as (
    select
        *,
        {{ invalid_measures(measures, 'files') }} as invalid
    from typed
)

select
    version_id,
    campaign_id,
    {% for measure in measures -%}
        {{ sum_measure(measure, 'files') }} as {{ measure.name }},
    {% endfor -%}
    count(*) as answers,
    string_agg(invalid, ', ' order by invalid) as invalid
from judged
group by all
