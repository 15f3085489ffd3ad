-- Control totals on Meta: one row per version and action type, and one with an empty
-- action for the account's delivery.
{{ config(materialized='incremental') }}
{% set measures = table_rows('measures', answer='delivery')
    | selectattr('wire.meta') | list %}

with answers as (
    {{ new_answers('meta', 'control_totals') }}
),

totals as (
    select
        version_id,
        nulls,
        told_measures,
        unnest(from_json(
            answer,
            '[{
                {{ json_fields(measures, 'meta') }},
                "campaign_id": "VARCHAR", "actions": "JSON", "action_values": "JSON"
            }]'
        )) as r
    from answers
),

typed_totals as (
    select
        version_id,
        nulls,
        told_measures,
        {% for measure in measures -%}
            {{ cast_measure(measure, 'meta', meta_value(measure.wire.meta)) }}
                as {{ measure.name }},
        {% endfor -%}
        r
    from totals
),

judged_totals as (
    select
        *,
        {{ invalid_measures(measures, 'meta') }} as invalid
    from typed_totals
),

entries as (
    {{ meta_actions('totals') }}
),

typed_entries as (
    select
        version_id,
        list,
        r,
        r.action_type,
        {{ strict_cast('r.value') }} as amount
    from entries
),

judged_entries as (
    select
        *,
        {{ invalid_fields({
            'action_type': ['action_type', true],
            'value': ['amount', true],
        }) }} as invalid
    from typed_entries
),

control_totals as (
    select
        version_id,
        '' as action_id,
        {% for measure in measures -%}
            {{ sum_measure(measure, 'meta') }} as {{ measure.name }},
        {% endfor -%}
        null::decimal(18, 6) as conversions,
        null::decimal(18, 6) as conversion_value,
        count(*) as answers,
        string_agg(invalid, ', ' order by invalid) as invalid
    from judged_totals
    group by all
    union all by name
    select
        version_id,
        coalesce(action_type, 'missing') as action_id,
        sum(if(list = 'actions', coalesce(amount, 0), 0))::decimal(18, 6)
            as conversions,
        sum(if(list = 'action_values', coalesce(amount, 0), 0))::decimal(18, 6)
            as conversion_value,
        greatest(
            count(*) filter (where list = 'actions'),
            count(*) filter (where list = 'action_values')
        ) as answers,
        string_agg(list || '.' || invalid, ', ' order by list, invalid) as invalid
    from judged_entries
    group by all
)

select * from control_totals
