-- Delivery on Meta: one row per version and campaign, typed strictly. What Meta leaves
-- out is zero.
{{ config(materialized='incremental') }}
{% set measures = table_rows('measures', answer='delivery')
    | selectattr('wire.meta') | list %}

with answers as (
    {{ new_answers('meta', 'delivery') }}
),

campaigns as (
    select
        version_id,
        nulls,
        told_measures,
        unnest(from_json(
            answer,
            '[{
                {{ json_fields(measures, 'meta') }},
                "campaign_id": "VARCHAR"
            }]'
        )) as r
    from answers
),

typed as (
    select
        version_id,
        nulls,
        told_measures,
        r,
        {% for measure in measures -%}
            {{ cast_measure(measure, 'meta', meta_value(measure.wire.meta)) }}
                as {{ measure.name }},
        {% endfor -%}
        r.campaign_id
    from campaigns
),

judged as (
    select
        *,
        {{ invalid_measures(
            measures, 'meta', {'campaign_id': ['campaign_id', true]}
        ) }} as invalid
    from typed
),

campaign_days as (
    select
        version_id,
        coalesce(campaign_id, '') as campaign_id,
        {% for measure in measures -%}
            {{ sum_measure(measure, 'meta') }} as {{ measure.name }},
        {% endfor -%}
        count(*) as answers,
        string_agg(invalid, ', ' order by invalid) as invalid
    from judged
    group by all
)

select * from campaign_days
