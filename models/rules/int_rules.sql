-- Settings of rules and checks: one row per rule and client ('' for the agency); a
-- client's own line wins over the agency's, and that over the default.
with scopes as (
    select client_id from {{ ref('stg_agency__clients') }}
    union all
    select ''
),

settings_of_all as (
    select
        client_id,
        rule,
        severity,
        blocks,
        mode,
        parameter,
        value,
        if(client_id = '', 1, 2) as precedence
    from {{ ref('stg_agency__rules') }}
    union all by name
    select
        '' as client_id,
        *,
        0 as precedence
    from {{ ref('stg_default_rules') }}
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
        line.precedence
    from settings_of_all as line
    inner join scopes
        on line.client_id in ('', scopes.client_id)
),

parameters as (
    select
        client_id,
        rule,
        parameter,
        arg_max(value, precedence) as value
    from lines
    where parameter is not null and value is not null
    group by all
),

settings as (
    select
        client_id,
        rule,
        coalesce(arg_max(severity, precedence), 'medium') as severity,
        coalesce(arg_max(blocks, precedence), 'no') as blocks,
        coalesce(arg_max(mode, precedence), 'live') as mode
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
