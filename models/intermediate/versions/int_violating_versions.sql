-- What live rules about single versions say of a version: one row per version that one
-- of them names.
{{ config(materialized='ephemeral') }}

select
    violation.version_id,
    bool_or(
        (setting.mode = 'live' and setting.blocks = 'day')
        -- Figures in another currency stand in no baseline.
        or (violation.rule = 'registered' and violation.metric = 'currency')
    ) as is_blocked,
    bool_or(setting.mode = 'live' and setting.severity <> 'low') as is_odd
from {{ ref('int_violations') }} as violation
inner join {{ ref('int_rules') }} as setting
    on
        violation.rule = setting.rule
        and violation.client_id = setting.client_id
where
    violation.version_id is not null
    and (setting.mode = 'live' or violation.rule = 'registered')
group by violation.version_id
