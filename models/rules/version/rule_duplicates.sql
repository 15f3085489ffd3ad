-- Campaigns or actions that one answer holds more than once: one row per version,
-- campaign and action.
with repeated as (
    select
        version_id,
        campaign_id,
        'delivery' as metric,
        answers
    from {{ ref('int_delivery') }}
    where answers > 1
    union all
    select
        version_id,
        campaign_id,
        action_type as metric,
        answers
    from {{ ref('int_conversions') }}
    where answers > 1
    union all
    select
        version_id,
        '' as campaign_id,
        'control total ' || action_id as metric,
        answers
    from {{ ref('int_control_totals') }}
    where answers > 1
)

select
    'duplicates' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    nullif(repeated.campaign_id, '') as campaign_id,
    version.date,
    repeated.metric,
    repeated.answers::varchar as observed,
    '1' as expected,
    format(
        '{} came {} times in one answer',
        concat_ws(' of campaign ', repeated.metric, nullif(repeated.campaign_id, '')),
        repeated.answers
    ) as message
from repeated
inner join {{ ref('int_versions') }} as version
    on repeated.version_id = version.version_id
