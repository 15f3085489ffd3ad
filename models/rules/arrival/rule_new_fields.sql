-- Fields that the platform sends and no model reads: one row per account and field, on
-- the first day that has it.
{% set measures = table_rows('measures') %}

with known (platform, fields) as (
    values
    {% for row in table_rows('platforms') -%}
        (
            '{{ row.name }}',
            [
                {% for measure in measures if measure.wire[row.name] -%}
                    {%- set field = measure.wire[row.name].field -%}
                    '{{ answer_field(row.name, field).split('.') | last }}',
                {% endfor -%}
                {{ "'" ~ row.other_fields | join("', '") ~ "'" }}
            ]
        ){{ ',' if not loop.last }}
    {% endfor %}
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
