-- What to write so that old and new days are both accepted: one row per client and
-- account that is told otherwise than it is registered. Days that a settled version has
-- as they are registered stay; the others are registered as they are told.
{{ config(materialized='ephemeral') }}

with differing as (
    select *
    from {{ ref('int_differing_days') }}
    where metric in ('currency', 'timezone') and not is_told_as_registered
),

account_days as (
    select distinct
        version.client_id,
        version.platform,
        version.account_id,
        version.date,
        version.registered_currency,
        version.registered_timezone
    from {{ ref('int_versions') }} as version
    semi join differing
        on
            version.client_id = differing.client_id
            and version.platform = differing.platform
            and version.account_id = differing.account_id
),

needs as (
    select
        account_day.*,
        coalesce(other_currency.reported, account_day.registered_currency) as currency,
        coalesce(other_zone.reported, account_day.registered_timezone) as timezone
    from account_days as account_day
    left join differing as other_currency
        on
            account_day.platform = other_currency.platform
            and account_day.account_id = other_currency.account_id
            and account_day.date = other_currency.date
            and other_currency.metric = 'currency'
    left join differing as other_zone
        on
            account_day.platform = other_zone.platform
            and account_day.account_id = other_zone.account_id
            and account_day.date = other_zone.date
            and other_zone.metric = 'timezone'
),

-- Each day under its line of the agency's file, and where another line has to begin.
lines as (
    select
        needs.*,
        line.started_on,
        line.ended_on,
        line.conversion_tracking,
        coalesce(
            (needs.currency, needs.timezone) <> lag((needs.currency, needs.timezone))
                over line_of_account,
            true
        ) as is_new
    from needs
    inner join {{ ref('stg_agency__accounts') }} as line
        on
            needs.client_id = line.client_id
            and needs.platform = line.platform
            and needs.account_id = line.account_id
            and needs.date >= coalesce(line.started_on, needs.date)
            and needs.date <= coalesce(line.ended_on, needs.date)
    window line_of_account as (
        partition by
            needs.client_id, needs.platform, needs.account_id, line.started_on
        order by needs.date
    )
),

stretches as (
    select
        *,
        row_number() over line_of_account as place,
        count(*) over (
            partition by client_id, platform, account_id, started_on
        ) as stretches,
        lead(date) over line_of_account - 1 as last_date
    from lines
    where is_new
    window line_of_account as (
        partition by client_id, platform, account_id, started_on
        order by date
    )
),

-- A line of which no day is as it is registered is corrected, not divided.
wrong as (
    select *
    from stretches
    where stretches = 1 and currency <> registered_currency
),

right_currencies as (
    select
        line.client_id,
        line.platform,
        list(distinct line.currency) as currencies
    from {{ ref('stg_agency__accounts') }} as line
    anti join wrong
        on
            line.client_id = wrong.client_id
            and line.platform = wrong.platform
            and line.account_id = wrong.account_id
            and line.started_on is not distinct from wrong.started_on
    group by line.client_id, line.platform
),

-- The client that has, or had, the account in this currency already.
owners as (
    select
        platform,
        account_id,
        currency,
        min(client_id) as client_id
    from {{ ref('stg_agency__accounts') }}
    group by platform, account_id, currency
),

registrations as (
    select
        stretch.*,
        if(stretch.place = 1, stretch.started_on, stretch.date) as from_date,
        if(stretch.place = stretch.stretches, stretch.ended_on, stretch.last_date)
            as to_date,
        case
            when stretch.currency = stretch.registered_currency then stretch.client_id
            when
                stretch.stretches = 1
                and coalesce(
                    other.currencies = [stretch.currency], true
                )
                then stretch.client_id
            else
                coalesce(
                    owner.client_id,
                    stretch.client_id || '-' || lower(stretch.currency)
                )
        end as owner_id
    from stretches as stretch
    left join right_currencies as other
        on stretch.client_id = other.client_id and stretch.platform = other.platform
    left join owners as owner
        on
            stretch.platform = owner.platform
            and stretch.account_id = owner.account_id
            and stretch.currency = owner.currency
),

own_actions as (
    select
        platform,
        client_id,
        count(*) as lines
    from {{ ref('stg_agency__conversion_actions') }}
    where client_id <> ''
    group by platform, client_id
),

-- Only lines of the file that have to change.
changed as (
    select
        registration.*,
        bool_or(
            (registration.currency, registration.timezone)
            <> (registration.registered_currency, registration.registered_timezone)
        ) over (
            partition by
                registration.client_id, registration.platform, registration.account_id,
                registration.started_on
        ) as is_changed,
        -- All accounts that move to a client begin there on one line of clients.csv.
        min(registration.date) over (partition by registration.owner_id)
            as owner_from,
        former.client_name,
        former.completeness_target,
        former.owner,
        known.client_id is not null as is_known,
        known.started_on as owner_started_on,
        actions.lines as action_lines
    from registrations as registration
    left join {{ ref('stg_agency__clients') }} as former
        on registration.client_id = former.client_id
    left join {{ ref('stg_agency__clients') }} as known
        on registration.owner_id = known.client_id
    left join own_actions as actions
        on
            registration.client_id = actions.client_id
            and registration.platform = actions.platform
),

texts as (
    select
        *,
        concat_ws(
            ',', account_id, platform, owner_id, currency, timezone,
            lower(conversion_tracking::varchar), coalesce(from_date::varchar, ''),
            coalesce(to_date::varchar, '')
        ) as account_line,
        concat_ws(
            ',', owner_id,
            '"' || replace(client_name, '"', '""') || ' (' || currency || ')"',
            owner_from, '', coalesce(completeness_target::varchar, ''),
            coalesce(owner, '')
        ) as client_line
    from changed
    where is_changed
),

advice as (
    select
        client_id,
        platform,
        account_id,
        string_agg('`' || account_line || '`', ' and ' order by date) as account_lines,
        string_agg(
            distinct coalesce(started_on::varchar, 'the start'), ' and '
        ) as replaced,
        max('`' || client_line || '`') filter (where not is_known) as client_lines,
        max(format('{} in the line of {}', owner_from, owner_id)) filter (
            where is_known and owner_id <> client_id and owner_started_on > owner_from
        ) as earlier_starts,
        max(
            format(
                '{} has {} of its own for {} in agency/conversion_actions.csv:'
                ' repeat them for {}',
                client_id, if(action_lines = 1, '1 line', action_lines || ' lines'),
                platform, owner_id
            )
        ) filter (where not is_known and action_lines > 0) as own_actions
    from texts
    group by client_id, platform, account_id
)

select
    client_id,
    platform,
    account_id,
    format(
        'To keep old and new days, write in agency/accounts.csv, instead of the line'
        ' of this account from {} on: {}', replaced, account_lines
    )
    || coalesce('. Add to agency/clients.csv: ' || client_lines, '')
    || coalesce(
        '. In agency/clients.csv write started_on ' || earlier_starts, ''
    )
    || coalesce('. ' || own_actions, '') as advice
from advice
