-- Fields that the platform sends and no model reads: one row per account and field, on
-- the first day that has it.
with known (platform, fields) as (
    values
    (
        'meta',
        [
            'account_currency', 'account_id', 'action_type', 'action_values', 'actions',
            'attribution_setting', 'campaign_id', 'campaign_name', 'clicks',
            'date_start', 'date_stop', 'impressions', 'inline_link_clicks', 'spend',
            'value'
        ]
    ),
    (
        'google',
        [
            'allConversions', 'allConversionsValue', 'campaign', 'clicks',
            'conversionAction', 'conversionActionCategory', 'conversionActionName',
            'conversions', 'conversionsValue', 'costMicros', 'id', 'impressions',
            'metrics', 'resourceName', 'segments'
        ]
    )
),

seen as (
    select
        platform,
        account_id,
        field_names,
        min(date) as date
    from {{ ref('stg_ledger__account_days') }}
    where finished_at <= (select as_of from {{ ref('stg_run') }})
    group by all
),

fields as (
    select
        platform,
        account_id,
        date,
        unnest(string_split(field_names, ',')) as field
    from seen
    where field_names <> ''
),

unknown as (
    select
        fields.platform,
        fields.account_id,
        fields.field,
        min(fields.date) as date
    from fields
    inner join known
        on fields.platform = known.platform
    where not list_contains(known.fields, fields.field)
    group by all
)

select
    'new_fields' as rule,
    null::varchar as version_id,
    day.client_id,
    unknown.platform,
    unknown.account_id,
    null::varchar as campaign_id,
    unknown.date,
    unknown.field as metric,
    unknown.field as observed,
    'the fields that were asked for' as expected,
    'the platform sends an unknown field: ' || unknown.field as message
from unknown
inner join {{ ref('int_calendar') }} as day
    on
        unknown.platform = day.platform
        and unknown.account_id = day.account_id
        and unknown.date = day.date
