-- Delivery on Google Ads: one row per version and campaign, typed strictly; a field
-- that is left out is zero.
{{ config(materialized='incremental') }}
{% set measures = table_rows('measures')
    | selectattr('wire.google') | list %}

with answers as (
    {{ new_answers('google', 'delivery') }}
),

campaigns as (
    select
        version_id,
        nulls,
        told_measures,
        unnest(from_json(
            answer,
            '[{
                "campaign": {"id": "VARCHAR"},
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
        r.campaign.id as campaign_id,
        {% for measure in measures -%}
            {%- set field = answer_field('google', measure.wire.google.field) -%}
            {{ cast_measure(measure, 'google', 'r.' ~ field) }} as {{ measure.name }},
        {% endfor -%}
        r
    from campaigns
),

judged as (
    select
        *,
        {{ invalid_measures(measures, 'google', {
            'campaign.id': ['campaign_id', true]
        }) }} as invalid
    from typed
),

campaign_days as (
    select
        version_id,
        coalesce(campaign_id, '') as campaign_id,
        {% for measure in measures -%}
            {{ sum_measure(measure, 'google') }} as {{ measure.name }},
        {% endfor -%}
        count(*) as answers,
        string_agg(invalid, ', ' order by invalid) as invalid
    from judged
    group by all
)

select * from campaign_days
