-- What is wrong now: one row per incident, from those of the release and from the checks
-- of health.json. Variables: reported (health.json), as_of.
create or replace temp table incidents as
with open_incidents as (
    select * from release.health.incidents where resolved_at is null
),

-- Days that nobody could ask for yet, or that are held on purpose: the next run heals
-- first.
healing as (
    select
        incident.incident_id,
        bool_and(day.attempts = 0 or day.status = 'suspect')
        and incident.opened_at > getvariable('as_of') - interval 24 hour as is_healing
    from open_incidents as incident
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
        incident.to_date as last_day,
        incident.days_open
    from open_incidents as incident
    left join healing using (incident_id)
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
            'quality', 'greatExpectations'
        ) as adds_up_days
    from json_each(getvariable('reported'), '$.checks')
),

newest as (
    select max(date) as day from release.health.account_days
)

select
    incident,
    severity,
    title,
    sentence,
    command,
    runbook,
    since,
    is_healing
from found
union all by name
select
    'check/' || checks.name as incident,
    if(checks.status = 'fail', checks.severity, 'low') as severity,
    'check ' || checks.name as title,
    checks.message as sentence,
    null::varchar as command,
    'docs/runbooks/' || lower(regexp_replace(checks.name, '([A-Z])', '_\1', 'g'))
    || '.md' as runbook,
    null::timestamptz as since,
    false as is_healing
from checks
where
    checks.status in ('fail', 'warn')
    and not (
        checks.adds_up_days
        and exists(
            select 1
            from found, newest
            where found.severity <> 'low' and found.last_day >= newest.day - 1
        )
    )
