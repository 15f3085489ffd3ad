-- What a release says to Prometheus: one row per sample; labels is a map.
with own_run as (
    select
        own.run_id,
        own.started_at,
        own.api,
        run.published_at
    from staging.stg_run as own
    left join health.runs as run using (run_id)
),

collections as (
    select collection.*
    from health.collections as collection
    inner join own_run using (run_id)
),

last_days as (
    select
        kpi.*,
        max(date) over () as last_day
    from marts.daily_kpi as kpi
),

samples as (
    select
        'wholeday_run_info' as name,
        'The run that made the release.' as help,
        map {'run_id': run_id, 'api': api} as labels,
        1::double as value
    from own_run
    union all
    select
        'wholeday_run_started_timestamp_seconds',
        'When the run that made the release began.',
        map {},
        epoch(started_at)
    from own_run
    union all
    select
        'wholeday_run_duration_seconds',
        'Time from the beginning of that run to the gate''s decision.',
        map {},
        epoch(published_at) - epoch(started_at)
    from own_run
    where published_at is not null
    union all
    select
        'wholeday_runs',
        'Runs that are known, by the gate''s verdict.',
        map {'verdict': coalesce(verdict, 'none')},
        count(*)
    from health.runs
    group by verdict
    union all
    select
        'wholeday_collections',
        'Windows that the run asked for, by outcome.',
        map {'platform': platform, 'outcome': outcome},
        count(*)
    from collections
    group by platform, outcome
    union all
    select
        'wholeday_collection_failures',
        'Windows of the run that failed, by class of the error.',
        map {'platform': platform, 'error_class': coalesce(error_class, 'unknown')},
        count(*)
    from collections
    where outcome = 'failed'
    group by platform, error_class
    union all
    select
        'wholeday_collection_seconds',
        'Time that the run''s windows took, added up.',
        map {'platform': platform},
        sum(epoch(finished_at) - epoch(started_at))
    from collections
    group by platform
    union all
    select
        'wholeday_collection_requests',
        'Requests that the run sent.',
        map {'platform': platform},
        sum(requests)
    from collections
    group by platform
    union all
    select
        'wholeday_account_days',
        'Closed account-days, by status.',
        map {'platform': platform, 'status': status},
        count(*)
    from health.account_days
    group by platform, status
    union all
    select
        'wholeday_incomplete_days',
        'Closed expected client-days that are not whole, of clients that have any.',
        map {'client': client_id, 'platform': platform},
        count(distinct date)
    from health.account_days
    where status not in ('whole', 'not_expected')
    group by client_id, platform
    union all
    select
        'wholeday_spend',
        'Spend of the last 30 closed days, as shown in marts.daily_kpi.',
        map {'platform': platform, 'currency': currency},
        sum(total_spend)
    from last_days
    where date > last_day - 30
    group by platform, currency
    union all
    select
        'wholeday_conversions',
        'Conversions of the last 30 closed days, as shown in marts.daily_kpi.',
        map {'platform': platform, 'kpi': kpi},
        sum(conversions)
    from (
        unpivot (
            select
                platform,
                date,
                last_day,
                click_to_call,
                email_contacts,
                reservations
            from last_days
        )
        on click_to_call, email_contacts, reservations
        into name kpi value conversions
    )
    where date > last_day - 30
    group by platform, kpi
    union all
    select
        'wholeday_check',
        'Checks: 0 pass, 1 warning, 2 failed.',
        map {'check': name, 'severity': severity},
        case status when 'pass' then 0 when 'warn' then 1 else 2 end
    from health.checks
    union all
    select
        'wholeday_findings',
        'Findings that count, by rule.',
        map {'rule': rule, 'severity': severity},
        count(*)
    from health.findings
    where not waived and mode = 'live'
    group by rule, severity
    union all
    select
        'wholeday_score',
        'The agency''s score of the last closed day, 0 to 100.',
        map {},
        arg_max(score, date)
    from health.scores
    where client_id = ''
    having count(*) > 0
)

select
    name,
    any_value(help) as help,
    list({'labels': labels, 'value': value::double} order by labels::varchar) as samples
from samples
where value is not null
group by name
order by name
