-- What is known of each client's health: one row per client, as a JSON object.
-- Bound: clients. Only rows of the client itself are read. A text that names another
-- client or its accounts is left out, since a visitor may be bound to one.
with others as (
    select
        client_id,
        unnest([client_id, client_name]) as word
    from marts.clients
    union distinct
    select
        client_id,
        account_id as word
    from marts.accounts
),

recent as (
    select *
    from health.findings
    where client_id in (select unnest($clients)) and not waived and mode = 'live'
    qualify row_number() over (
        partition by client_id order by date desc, severity asc, finding_id asc
    ) <= 200
),

findings as (
    select
        finding.* exclude (observed, expected, message),
        case when names_others.finding_id is null then finding.observed end as observed,
        case when names_others.finding_id is null then finding.expected end as expected,
        case when names_others.finding_id is null then finding.message end as message
    from recent as finding
    left join (
        select distinct recent.finding_id
        from recent
        inner join others
            on
                recent.client_id <> others.client_id
                and contains(
                    concat_ws(' ', recent.message, recent.observed, recent.expected),
                    others.word
                )
    ) as names_others
        on finding.finding_id = names_others.finding_id
),

listed as (
    select
        client_id,
        list(
            {
                'platform': platform,
                'from': from_date,
                'to': to_date,
                'days': days,
                'status': status,
                'reason': reason,
                'waived': waived
            } order by to_date desc, platform asc, status asc, reason asc
        )[:100] as gaps
    from reports.gaps
    where client_id in (select unnest($clients))
    group by client_id
),

found as (
    select
        client_id,
        list(
            {
                'rule': rule,
                'severity': severity,
                'platform': platform,
                'account': account_id,
                'date': date,
                'metric': metric,
                'observed': observed,
                'expected': expected,
                'message': message,
                'firstSeen': strftime(
                    first_seen_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'
                )
            } order by date desc, rule asc
        ) as findings
    from findings
    group by client_id
)

select
    to_json({
        'client': client.client_id,
        'name': client.client_name,
        'status': client.status,
        'score': round(client.score, 1),
        'lastDay': client.last_day,
        'daysWhole': client.days_whole,
        'daysExpected': client.days_expected,
        'lastCollected': strftime(
            client.collected_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'
        ),
        'gaps': coalesce(listed.gaps, []),
        'findings': coalesce(found.findings, [])
    })::varchar as document
from reports.client_health as client
left join listed
    on client.client_id = listed.client_id
left join found
    on client.client_id = found.client_id
where client.client_id in (select unnest($clients))
order by client.client_id
