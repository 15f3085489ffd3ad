-- What changed since people were told: one row per incident and change.
-- Variables: as_of, direct (severities that are told at once).
create or replace temp table changes as
with last_events as (
    select
        incident,
        arg_max(kind, number) as kind,
        arg_max(severity, number) as severity,
        arg_max(title, number) as title,
        arg_max(message_id, number) as message_id,
        max(happened_at) as happened_at
    from told.events
    group by incident
),

-- Reminders pile up in no outbox: while the last message is on its way, it is enough.
waiting as (
    select distinct message_id
    from told.deliveries
    where state = 'pending'
),

silenced as (
    select distinct incidents.incident
    from incidents
    inner join told.silences as silence
        on
            lower(incidents.incident || ' ' || incidents.title)
            glob ('*' || lower(silence.pattern) || '*')
            and silence.until > getvariable('as_of')
            and silence.ended_at is null
),

judged as (
    select
        incidents.*,
        known.kind as known_kind,
        known.severity as known_severity,
        known.happened_at as known_at,
        coalesce(known.kind, 'resolved') <> 'resolved' as is_open,
        known.message_id in (from waiting) as is_on_its_way,
        array_position(getvariable('severities'), incidents.severity) as rank,
        array_position(getvariable('severities'), known.severity) as known_rank
    from incidents
    left join last_events as known
        on incidents.incident = known.incident
    where incidents.incident not in (from silenced)
),

kinds as (
    select
        *,
        case
            when not is_open and (not is_healing or severity = 'critical') then 'opened'
            when is_open and rank < known_rank then 'worsened'
            when
                is_open
                and list_contains(getvariable('direct'), known_severity)
                and known_at <= getvariable('as_of') - interval 23 hour
                and not coalesce(is_on_its_way, false)
                then 'reminded'
        end as kind
    from judged
)

select
    incident,
    kind,
    if(kind = 'reminded', known_severity, severity) as severity,
    title,
    sentence,
    command,
    runbook,
    since
from kinds
where kind is not null
union all by name
select
    known.incident,
    'resolved' as kind,
    known.severity,
    known.title,
    'This is over: nothing of it is left in the release.' as sentence,
    null as command,
    null as runbook,
    null as since
from last_events as known
where
    known.kind <> 'resolved'
    and known.incident not in (select incidents.incident from incidents)
