-- Conversions on Google Ads: one row per version, campaign and conversion action, typed
-- strictly.
{{ config(materialized='incremental') }}
{% set measures = table_rows('measures', answer='conversions')
    | selectattr('wire.google') | list %}

with answers as (
    {{ new_answers('google', 'conversions') }}
),

actions as (
    select
        version_id,
        nulls,
        told_measures,
        unnest(from_json(
            answer,
            '[{
                "campaign": {"id": "VARCHAR"},
                "segments": {
                    "conversionAction": "VARCHAR", "conversionActionName": "VARCHAR"
                },
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
        -- customers/1/conversionActions/7: the number stays when an action is renamed.
        nullif(regexp_extract(r.segments.conversionaction, '[^/]+$'), '') as action_id,
        r.segments.conversionactionname as action_name,
        {% for measure in measures -%}
            {%- set field = answer_field('google', measure.wire.google.field) -%}
            {{ cast_measure(measure, 'google', 'r.' ~ field) }} as {{ measure.name }},
        {% endfor -%}
        r
    from actions
),

judged as (
    select
        *,
        {{ invalid_measures(measures, 'google', {
            'campaign.id': ['campaign_id', true],
            'segments.conversionAction': ['action_id', true],
        }) }} as invalid
    from typed
),

conversions as (
    select
        version_id,
        coalesce(campaign_id, '') as campaign_id,
        coalesce(action_id, '') as action_id,
        coalesce(max(action_name), action_id, '') as action_type,
        {% for measure in measures -%}
            {{ sum_measure(measure, 'google') }} as {{ measure.name }},
        {% endfor -%}
        count(*) as answers,
        string_agg(invalid, ', ' order by invalid) as invalid
    from judged
    group by version_id, campaign_id, action_id
)

select * from conversions
