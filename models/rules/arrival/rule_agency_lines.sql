-- Lines of the agency's files that do not count as they are written: one row per line,
-- from the day on which a run first read it so.
select
    'agency_lines' as rule,
    null::varchar as version_id,
    client_id,
    platform,
    -- It concerns what the line says of an account, and no day of it.
    '' as account_id,
    null::varchar as campaign_id,
    since::date as date,
    line_key as metric,
    reason as observed,
    instead as expected,
    format('{}, line {}: {}; {}', file, line, reason, instead) as message
from {{ ref('stg_agency__problems') }}
