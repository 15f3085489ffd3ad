-- Settings of rules and checks: one row per rule and client ('' for the agency); a
-- client's own line wins.
with scopes as (
    select client_id from {{ ref('stg_agency__clients') }}
    union all
    select ''
),

lines as (
    select
        scopes.client_id,
        line.rule,
        line.severity,
        line.blocks,
        line.mode,
        line.parameter,
        line.value,
        -- NULL orders last: the client's own line first, then the default.
        line.client_id <> '' as is_own
    from {{ ref('stg_agency__rules') }} as line
    inner join scopes
        on line.client_id in ('', scopes.client_id)
),

parameters as (
    select
        client_id,
        rule,
        parameter,
        arg_max(value, is_own) as value
    from lines
    where parameter is not null and value is not null
    group by all
),

settings as (
    select
        client_id,
        rule,
        coalesce(arg_max(severity, is_own), 'medium') as severity,
        coalesce(arg_max(blocks, is_own), 'no') as blocks,
        coalesce(arg_max(mode, is_own), 'live') as mode
    from lines
    group by all
),

values_of as (
    select
        client_id,
        rule,
        map(list(parameter order by parameter), list(value order by parameter))
            as parameters
    from parameters
    group by all
)

select
    settings.rule,
    settings.client_id,
    settings.severity,
    settings.blocks,
    settings.mode,
    coalesce(values_of.parameters, map([]::varchar[], []::double[])) as parameters
from settings
left join values_of
    on settings.client_id = values_of.client_id and settings.rule = values_of.rule
