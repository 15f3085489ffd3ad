-- What is known of each client's health: one row per client, as a JSON object.
-- Bound: clients. Only rows of the client itself are read, and a text that names another
-- client or its accounts is left out, since a visitor may be bound to one.
with days as (
    select
        client_id,
        platform,
        date,
        arg_max(status, (status <> 'whole', account_id)) as status,
        arg_max(coalesce(reason, ''), (status <> 'whole', account_id)) as reason,
        bool_and(waived or status = 'whole') as is_excused
    from health.account_days
    where client_id in (select unnest($clients)) and status <> 'not_expected'
    group by all
),

newest as (
    select
        client_id,
        max(date) as last_day,
        count(*) filter (where status = 'whole') as days_whole,
        count(*) as days_expected
    from days
    group by client_id
),

-- Days that follow one another share the number that is left when their rank is taken off.
stretches as (
    select
        *,
        date - row_number() over (
            partition by client_id, platform, status, reason, is_excused order by date
        )::integer as stretch
    from days
    where status <> 'whole'
),

gaps as (
    select
        client_id,
        platform,
        status,
        nullif(reason, '') as reason,
        is_excused as waived,
        min(date) as "from",
        max(date) as "to",
        count(*) as days
    from stretches
    group by client_id, platform, status, reason, is_excused, stretch
),

others as (
    select client_id, unnest([client_id, client_name]) as word from marts.clients
    union
    select client_id, account_id from marts.accounts
),

recent as (
    select *
    from health.findings
    where client_id in (select unnest($clients)) and not waived and mode = 'live'
    qualify row_number() over (
        partition by client_id order by date desc, severity, finding_id
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
        select distinct finding.finding_id
        from recent as finding
        inner join others
            on
                finding.client_id <> others.client_id
                and contains(
                    concat_ws(' ', finding.message, finding.observed, finding.expected),
                    others.word
                )
    ) as names_others using (finding_id)
),

scores as (
    select client_id, arg_max(score, date) as score
    from health.scores
    where client_id in (select unnest($clients))
    group by client_id
),

collected as (
    select days.client_id, max(collection.finished_at) as collected_at
    from (
        select distinct client_id, platform, account_id
        from health.account_days
        where client_id in (select unnest($clients))
    ) as days
    inner join health.collections as collection using (platform, account_id)
    where collection.outcome = 'collected'
    group by days.client_id
),

troubles as (
    select
        newest.client_id,
        count(*) filter (where gaps.to > newest.last_day - 7) as lately,
        count(*) filter (where gaps.to > newest.last_day - 30) as in_a_month
    from newest
    left join gaps
        on
            newest.client_id = gaps.client_id
            and not gaps.waived
            and coalesce(gaps.reason, '') <> 'queued'
    group by newest.client_id
),

listed as (
    select
        client_id,
        list(
            {
                'platform': platform,
                'from': "from",
                'to': "to",
                'days': days,
                'status': status,
                'reason': reason,
                'waived': waived
            } order by "to" desc, platform
        )[:100] as gaps
    from gaps
    group by client_id
),

found as (
    select
        client_id,
        count(*) filter (where severity <> 'low') as serious,
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
                'firstSeen': strftime(first_seen_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ')
            } order by date desc, rule
        ) as findings
    from findings
    group by client_id
)

select
    client.client_id,
    case
        when troubles.lately > 0 then 'critical'
        when troubles.in_a_month > 0 or found.serious > 0 then 'warning'
        else 'healthy'
    end as status,
    to_json({
        'client': client.client_id,
        'name': client.client_name,
        'status': status,
        'score': round(scores.score, 1),
        'lastDay': newest.last_day,
        'daysWhole': coalesce(newest.days_whole, 0),
        'daysExpected': coalesce(newest.days_expected, 0),
        'lastCollected':
            strftime(collected.collected_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'),
        'gaps': coalesce(listed.gaps, []),
        'findings': coalesce(found.findings, [])
    })::varchar as document
from marts.clients as client
left join newest using (client_id)
left join scores using (client_id)
left join collected using (client_id)
left join troubles using (client_id)
left join listed using (client_id)
left join found using (client_id)
where client.client_id in (select unnest($clients))
order by client.client_id
