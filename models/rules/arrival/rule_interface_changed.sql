-- Platforms that are lately asked by another version of their API, or for other fields:
-- one row per platform and change, on the day of the first run that did.
with runs as (
    select
        version.platform,
        version.run_id,
        min(version.started_at) as started_at,
        any_value(version.api_version) as api_version,
        any_value(version.fields) as fields
    from {{ ref('stg_ledger__account_days') }} as version
    where version.finished_at <= (select run.as_of from {{ ref('stg_run') }} as run)
    group by version.platform, version.run_id
),

changes as (
    select
        *,
        lag(api_version) over runs_before as previous_version,
        lag(fields) over runs_before as previous_fields
    from runs
    window runs_before as (partition by platform order by started_at, run_id)
),

described as (
    select
        platform,
        started_at::date as date,
        coalesce(api_version <> previous_version, false) as is_other_version,
        api_version,
        previous_version,
        list_sort(list_filter(
            string_split(fields, ','),
            field -> not list_contains(string_split(previous_fields, ','), field)
        )) as added,
        list_sort(list_filter(
            string_split(previous_fields, ','),
            field -> not list_contains(string_split(fields, ','), field)
        )) as dropped,
        coalesce(len(added) + len(dropped) > 0, false) as has_other_fields
    from changes
)

select
    'interface_changed' as rule,
    null::varchar as version_id,
    '' as client_id,
    described.platform,
    '' as account_id,
    null::varchar as campaign_id,
    described.date,
    if(described.is_other_version, 'api_version', 'fields') as metric,
    if(
        described.is_other_version, described.api_version,
        concat_ws(', ', 'fields', nullif(array_to_string(described.added, ', '), ''))
    ) as observed,
    if(
        described.is_other_version, described.previous_version,
        concat_ws(', ', 'fields', nullif(array_to_string(described.dropped, ', '), ''))
    ) as expected,
    concat_ws(
        '; ',
        case
            when described.is_other_version
                then format(
                    '{} is asked by version {} of its API now, before by {}',
                    described.platform, described.api_version,
                    described.previous_version
                )
        end,
        case
            when described.has_other_fields
                then format(
                    '{} is asked for other fields (new: {}; no more: {})',
                    described.platform,
                    coalesce(
                        nullif(array_to_string(described.added, ', '), ''), 'none'
                    ),
                    coalesce(
                        nullif(array_to_string(described.dropped, ', '), ''), 'none'
                    )
                )
        end
    ) as message
from described
inner join {{ ref('int_rules') }} as setting
    on setting.client_id = '' and setting.rule = 'interface_changed'
inner join {{ ref('stg_run') }} as run
    on described.date >= run.as_of::date - setting.parameters['days']::integer
where described.is_other_version or described.has_other_fields
-- Several runs of a day are one change.
qualify row_number() over (
    partition by described.platform, described.date order by described.api_version desc
) = 1
