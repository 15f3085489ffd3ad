-- Waivers that have expired and are still in the agency's file: one row per line of it.
select
    'expired_waivers' as rule,
    null::varchar as version_id,
    coalesce(waiver.client_id, '') as client_id,
    coalesce(waiver.platform, '') as platform,
    '' as account_id,
    null::varchar as campaign_id,
    waiver.expires_on as date,
    'waiver of ' || waiver.rule as metric,
    'expired on ' || waiver.expires_on as observed,
    'a waiver in force, or none' as expected,
    format(
        'the waiver of {} ({}) expired, and what it excused counts again',
        waiver.rule, coalesce(waiver.reason, 'without a reason')
    ) as message
from {{ ref('stg_agency__waivers') }} as waiver
inner join {{ ref('stg_run') }} as run
    on waiver.expires_on < run.as_of::date
-- The same rule, client and day may be waived twice: the line that expired last speaks.
qualify row_number() over (
    partition by
        waiver.rule, waiver.client_id, waiver.platform, waiver.expires_on
    order by waiver.from_date, waiver.to_date
) = 1
