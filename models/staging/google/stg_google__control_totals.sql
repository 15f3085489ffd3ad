-- Control totals on Google Ads: one row per version, typed strictly; a field that is
-- left out is zero.
{{ config(materialized='incremental') }}
{% set measures = table_rows('measures')
    | selectattr('wire.google') | list %}

with answers as (
    {{ new_answers('google', 'control_totals') }}
),

totals as (
    select
        version_id,
        nulls,
        told_measures,
        unnest(from_json(
            answer,
            '[{
                "metrics": { {{ json_fields(measures, 'google') }} }
            }]'
        )) as r
    from answers
),

typed as (
    select
        version_id,
        nulls,
        told_measures,
        {% for measure in measures -%}
            {%- set field = answer_field('google', measure.wire.google.field) -%}
            {{ cast_measure(measure, 'google', 'r.' ~ field) }} as {{ measure.name }},
        {% endfor -%}
        r
    from totals
),

judged as (
    select
        *,
        {{ invalid_measures(measures, 'google') }} as invalid
    from typed
),

control_totals as (
    select
        version_id,
        '' as action_id,
        {% for measure in measures -%}
            {{ sum_measure(measure, 'google') }} as {{ measure.name }},
        {% endfor -%}
        count(*) as answers,
        string_agg(invalid, ', ' order by invalid) as invalid
    from judged
    group by all
)

select * from control_totals
