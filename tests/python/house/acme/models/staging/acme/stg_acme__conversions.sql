-- Conversions on Acme Ads: one row per version, campaign and action.
{{ config(materialized='incremental') }}
{% set measures = table_rows('measures', answer='conversions')
    | selectattr('wire.acme') | list %}

with answers as (
    {{ new_answers('acme', 'conversions') }}
),

rows_of_answers as (
    select
        version_id,
        nulls,
        told_measures,
        unnest(from_json(
            answer, '[{ "campaign": "VARCHAR", "action": "VARCHAR", {{ json_fields(measures, 'acme') }} }]'
        )) as r
    from answers
),

typed as (
    select
        version_id,
        nulls,
        told_measures,
        coalesce(r.campaign, '') as campaign_id,
        coalesce(r.action, '') as action_id,
        {% for measure in measures -%}
            {{ cast_measure(measure, 'acme', 'r.' ~ measure.wire.acme.field) }}
                as {{ measure.name }},
        {% endfor -%}
        r
    from rows_of_answers
),

judged as (
    select
        *,
        {{ invalid_measures(measures, 'acme') }} as invalid
    from typed
)

select
    version_id,
    campaign_id,
    action_id,
    action_id as action_type,
    {% for measure in measures -%}
        {{ sum_measure(measure, 'acme') }} as {{ measure.name }},
    {% endfor -%}
    count(*) as answers,
    string_agg(invalid, ', ' order by invalid) as invalid
from judged
group by all
