-- What is wrong now: one row per incident, from those of the release and from the
-- checks of health.json. Variables: reported (health.json), as_of.
create or replace temp table incidents as
with open_incidents as (
    select *
    from release.health.incidents
    where resolved_at is null
),

newest as (
    select max(date) as day from release.health.account_days
),

-- Days that could not be asked for yet, or that are held on purpose: the next run heals
-- first.
healing as (
    select
        incident.incident_id,
        bool_and(day.attempts = 0 or day.status = 'suspect')
        and incident.opened_at > getvariable('as_of') - interval 24 hour as is_healing,
        bool_or(day.date >= newest.day - 1) as costs_newest
    from open_incidents as incident
    cross join newest
    inner join release.health.account_days as day
        on
            incident.platform = day.platform
            and day.date between incident.from_date and incident.to_date
            and list_contains(incident.clients, day.client_id)
    where day.status not in ('whole', 'not_expected')
    group by incident.incident_id, incident.opened_at
),

found as (
    select
        incident.incident_id as incident,
        incident.severity,
        format(
            '{}{}: {}, {}',
            replace(incident.cause, '_', ' '),
            if(incident.platform = '', '', ' on ' || incident.platform),
            if(
                len(incident.clients) = 1,
                incident.clients[1],
                len(incident.clients) || ' clients'
            ),
            if(
                incident.from_date = incident.to_date,
                incident.to_date::varchar,
                incident.from_date || ' to ' || incident.to_date
            )
        ) as title,
        incident.message as sentence,
        incident.command,
        'docs/runbooks/' || incident.rule || '.md' as runbook,
        incident.opened_at as since,
        coalesce(healing.is_healing, false) as is_healing,
        coalesce(healing.costs_newest, false) and not is_healing as costs_newest,
        incident.to_date as last_day,
        incident.days_open
    from open_incidents as incident
    left join healing
        on incident.incident_id = healing.incident_id
),

-- Checks that only add up days: an incident that costs the newest days says it better.
checks as (
    select
        key as name,
        value ->> '$.status' as status,
        value ->> '$.severity' as severity,
        value ->> '$.message' as message,
        key in (
            'completeness', 'missingDays', 'splitData', 'reconciliation',
            'todayCollection', 'freshness', 'collectionSuccess', 'healingSuccess',
            'quality'
        ) as adds_up_days,
        coalesce(from_json(value -> '$.followsFrom', '["varchar"]'), []) as follows_from
    from json_each(getvariable('reported'), '$.checks')
),

-- One message for a cause and all that follows from it, as severe as the worst of them.
causes as (
    select
        cause.name,
        cause.message,
        cause.adds_up_days,
        getvariable('severities')[min(
            if(
                one.status = 'fail',
                array_position(getvariable('severities'), one.severity), 4
            )
        )] as severity,
        list(one.name order by one.name) filter (where one.name <> cause.name)
            as following
    from checks as cause
    inner join checks as one
        on
            cause.name = one.name
            or (one.status <> 'pass' and list_contains(one.follows_from, cause.name))
    where cause.status in ('fail', 'warn') and len(cause.follows_from) = 0
    group by all
),

explained as (
    select *
    from causes
    where
        adds_up_days
        and exists (
            select 1
            from found, newest
            where found.severity <> 'low' and found.last_day >= newest.day - 1
        )
),

-- What costs the newest days speaks for the checks that add them up.
worst as (
    select min(array_position(getvariable('severities'), severity)) as rank
    from explained
)

select
    incident,
    if(
        costs_newest,
        getvariable('severities')[least(
            array_position(getvariable('severities'), severity),
            coalesce(rank, 4)
        )],
        severity
    ) as severity,
    title,
    sentence,
    command,
    runbook,
    since,
    is_healing
from found
cross join worst
union all by name
select
    'check/' || name as incident,
    severity,
    'check ' || name as title,
    message
    || coalesce('; from it follow ' || array_to_string(following, ', '), '')
        as sentence,
    null::varchar as command,
    'docs/runbooks/' || lower(regexp_replace(name, '([A-Z])', '_\1', 'g'))
    || '.md' as runbook,
    null::timestamptz as since,
    false as is_healing
from causes
where name not in (select name from explained)
