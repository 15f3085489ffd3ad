-- What live rules about single versions say of a version: one row per version that one
-- of them names.
{{ config(materialized='ephemeral') }}

select
    offence.version_id,
    bool_or(
        (setting.mode = 'live' and setting.blocks = 'day')
        -- Figures in another currency stand in no baseline.
        or (offence.rule = 'registered' and offence.metric = 'currency')
    ) as is_blocked,
    bool_or(setting.mode = 'live' and setting.severity <> 'low') as is_odd
from {{ ref('int_offences') }} as offence
inner join {{ ref('int_rules') }} as setting
    on
        offence.rule = setting.rule
        and offence.client_id = setting.client_id
where
    offence.version_id is not null
    and (setting.mode = 'live' or offence.rule = 'registered')
group by offence.version_id
