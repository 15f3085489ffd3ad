-- What a release says to Prometheus: one row per sample. What the gate adds to
-- `health.runs` is not among them: it decides after the build.
{%- set kpis = ['click_to_call', 'email_contacts', 'reservations'] %}

with own_run as (
    select
        run_id,
        started_at,
        api
    from {{ ref('stg_run') }}
),

collections as (
    select collection.*
    from {{ ref('collections') }} as collection
    inner join own_run
        on collection.run_id = own_run.run_id
),

last_days as (
    select *
    from {{ ref('daily_kpi') }}
    where date > (select max(newest.date) - 30 from {{ ref('daily_kpi') }} as newest)
),

samples as (
    select
        'wholeday_run_info' as name,
        'The run that made the release.' as help,
        map { 'run_id': run_id, 'api': api } as labels,
        1::double as value
    from own_run
    union all
    select
        'wholeday_run_started_timestamp_seconds',
        'When the run that made the release began.',
        map { },
        epoch(started_at)
    from own_run
    union all
    select
        'wholeday_collections',
        'Windows that the run asked for, by outcome.',
        map { 'platform': platform, 'outcome': outcome },
        count(*)
    from collections
    group by platform, outcome
    union all
    select
        'wholeday_collection_failures',
        'Windows of the run that failed, by class of the error.',
        map { 'platform': platform, 'error_class': coalesce(error_class, 'unknown') },
        count(*)
    from collections
    where outcome = 'failed'
    group by platform, error_class
    union all
    select
        'wholeday_collection_seconds',
        'Time that the run''s windows took, added up.',
        map { 'platform': platform },
        sum(epoch(finished_at) - epoch(started_at))
    from collections
    group by platform
    union all
    select
        'wholeday_collection_requests',
        'Requests that the run sent.',
        map { 'platform': platform },
        sum(requests)
    from collections
    group by platform
    union all
    select
        'wholeday_account_days',
        'Closed account-days, by status.',
        map { 'platform': platform, 'status': status },
        count(*)
    from {{ ref('account_days') }}
    group by platform, status
    union all
    select
        'wholeday_incomplete_days',
        'Closed expected client-days that are not whole, of clients that have any.',
        map { 'client': client_id, 'platform': platform },
        count(distinct date)
    from {{ ref('account_days') }}
    where status not in ('whole', 'not_expected')
    group by client_id, platform
    union all
    select
        'wholeday_spend',
        'Spend of the last 30 closed days, as shown in marts.daily_kpi.',
        map { 'platform': platform, 'currency': currency },
        sum(total_spend)
    from last_days
    group by platform, currency
    union all
    select
        'wholeday_conversions',
        'Conversions of the last 30 closed days, as shown in marts.daily_kpi.',
        map { 'platform': platform, 'kpi': kpi },
        sum(conversions)
    from (
        unpivot (
            select
                platform,
                {{ kpis | join(', ') }}
            from last_days
        )
        on {{ kpis | join(', ') }}
        into name kpi value conversions
    )
    group by platform, kpi
    union all
    select
        'wholeday_check',
        'Checks: 0 pass, 1 warning, 2 failed.',
        map { 'check': name, 'severity': severity },
        case status when 'pass' then 0 when 'warn' then 1 else 2 end
    from {{ ref('checks') }}
    union all
    select
        'wholeday_findings',
        'Findings that count, by rule.',
        map { 'rule': rule, 'severity': severity },
        count(*)
    from {{ ref('findings') }}
    where not waived and mode = 'live'
    group by rule, severity
    union all
    select
        'wholeday_score',
        'The agency''s score of the last closed day, 0 to 100.',
        map { },
        arg_max(score, date)
    from {{ ref('scores') }}
    where client_id = ''
    having count(*) > 0
)

select
    name,
    help,
    labels::map (varchar, varchar) as labels,
    value::double as value
from samples
where value is not null
