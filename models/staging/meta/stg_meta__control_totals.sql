-- Control totals on Meta: one row per version and action type, and one with an empty
-- action for the account's delivery.
{{ config(materialized='incremental') }}

with answers as (
    {{ new_answers('meta', 'control_totals') }}
),

totals as (
    select
        version_id,
        nulls,
        unnest(from_json(
            answer,
            '[{
                "campaign_id": "VARCHAR", "spend": "VARCHAR", "impressions": "VARCHAR",
                "clicks": "VARCHAR", "inline_link_clicks": "VARCHAR",
                "actions": "JSON", "action_values": "JSON"
            }]'
        )) as r
    from answers
),

typed_totals as (
    select
        version_id,
        nulls,
        r,
        {{ strict_cast('r.spend') }} as spend,
        {{ strict_cast('r.impressions', 'bigint') }} as impressions,
        {{ strict_cast('r.clicks', 'bigint') }} as clicks,
        {{ strict_cast('r.inline_link_clicks', 'bigint') }} as link_clicks
    from totals
),

judged_totals as (
    select
        *,
        {{ invalid_fields({
            'spend': ['spend', true],
            'impressions': ['impressions', true],
            'clicks': ['clicks', true],
            'inline_link_clicks': ['link_clicks', false],
        }) }} as invalid
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
        coalesce(sum(spend), 0)::decimal(18, 6) as spend,
        coalesce(sum(impressions), 0)::bigint as impressions,
        coalesce(sum(clicks), 0)::bigint as clicks,
        coalesce(sum(link_clicks), 0)::bigint as link_clicks,
        null::decimal(18, 6) as conversions,
        null::decimal(18, 6) as conversion_value,
        count(*) as answers,
        string_agg(invalid, ', ' order by invalid) as invalid
    from judged_totals
    group by all
    union all
    select
        version_id,
        coalesce(action_type, 'missing') as action_id,
        null as spend,
        null as impressions,
        null as clicks,
        null as link_clicks,
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
