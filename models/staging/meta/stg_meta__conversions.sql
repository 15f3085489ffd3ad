-- Conversions on Meta: one row per version, campaign and action type, typed strictly.
{{ config(materialized='incremental') }}

with answers as (
    {{ new_answers('meta', 'conversions') }}
),

campaigns as (
    select
        version_id,
        unnest(from_json(
            answer,
            '[{"campaign_id": "VARCHAR", "actions": "JSON", "action_values": "JSON"}]'
        )) as r
    from answers
),

entries as (
    {{ meta_actions('campaigns') }}
),

typed as (
    select
        version_id,
        campaign_id,
        list,
        r,
        r.action_type,
        {{ strict_cast('r.value') }} as amount
    from entries
),

judged as (
    select
        *,
        nullif(concat_ws(
            ', ',
            case when campaign_id is null then 'campaign_id=missing' end,
            {{ invalid_fields({
                'action_type': ['action_type', true],
                'value': ['amount', true],
            }) }}
        ), '') as invalid
    from typed
),

conversions as (
    select
        version_id,
        coalesce(campaign_id, '') as campaign_id,
        coalesce(action_type, '') as action_id,
        coalesce(action_type, '') as action_type,
        sum(if(list = 'actions', coalesce(amount, 0), 0))::decimal(18, 6)
            as conversions,
        sum(if(list = 'action_values', coalesce(amount, 0), 0))::decimal(18, 6)
            as conversion_value,
        greatest(
            count(*) filter (where list = 'actions'),
            count(*) filter (where list = 'action_values')
        ) as answers,
        string_agg(list || '.' || invalid, ', ' order by list, invalid) as invalid
    from judged
    group by all
)

select * from conversions
