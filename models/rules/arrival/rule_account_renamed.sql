-- Accounts that lately got another name: one row per account and change. A new name can
-- mean a new owner.
with names as (
    select
        *,
        lag(name) over (
            partition by platform, account_id order by seen_at, run_id
        ) as previous_name
    from {{ ref('stg_ledger__accounts') }}
    where name is not null
)

select
    'account_renamed' as rule,
    null::varchar as version_id,
    day.client_id,
    names.platform,
    names.account_id,
    null::varchar as campaign_id,
    day.date,
    'name' as metric,
    names.name as observed,
    names.previous_name as expected,
    format('the account is called {} now, before {}', names.name, names.previous_name)
        as message
from names
inner join {{ ref('int_calendar') }} as day
    on
        names.platform = day.platform
        and names.account_id = day.account_id
        and timezone(day.timezone, names.seen_at)::date = day.date
inner join {{ ref('int_rules') }} as setting
    on day.client_id = setting.client_id and setting.rule = 'account_renamed'
inner join {{ ref('stg_run') }} as run
    on day.date >= run.as_of::date - setting.parameters['days']::integer
where names.name <> names.previous_name
