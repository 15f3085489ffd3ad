-- Checks that only repeat what others say: one row per check that does not pass, with
-- the checks that say it. What a check counts must all be counted by a cause as well.
{#- A day that is not whole has one cause: of the checks in this order that do not pass,
    the first that counts it. Roots are causes only; the others may follow. -#}
{%- set roots = {
    'registered': "day.reason like 'registered:%'",
    'tokens': "account.is_failing and account.error_class = 'auth'",
    'access': "account.is_failing and account.error_class in ('auth', 'permission')",
    'breaker': 'account.is_failing and account.is_given_up',
    'queue': "day.reason = 'queued'",
} %}
{%- set sums = {
    'splitData': "day.status = 'split' and day.age < spans['split_data']",
    'reconciliation':
        "day.status = 'unreconciled' and day.age < spans['reconciliation']",
    'missingDays': "day.age < spans['missing_days']",
    'todayCollection': 'day.age <= 1',
    'lastMonth': 'day.is_of_last_month',
    'completeness': "day.age < spans['completeness']",
    'quality': "day.age <= spans['quality']",
} %}
{%- set conditions = dict(roots, **sums) %}

with failing as (
    select
        name,
        details::json as details
    from {{ ref('judged_checks') }}
    where status <> 'pass'
),

settings as (
    select
        list(failing.name) as names,
        (
            select map_from_entries(list((rule, parameters['days'])))
            from {{ ref('int_rules') }}
            where client_id = ''
        ) as spans
    from failing
),

collections as (
    select
        *,
        run_id = max(run_id) over (partition by platform)
        and error_class = 'breaker' as is_given_up
    from {{ ref('stg_ledger__collections') }}
),

accounts as (
    select
        platform,
        account_id,
        arg_max(outcome, (started_at, run_id)) <> 'collected' as is_failing,
        arg_max_null(error_class, (started_at, run_id)) as error_class,
        bool_or(bool_or(is_given_up)) over (partition by platform) as is_given_up
    from collections
    group by platform, account_id
),

bad_days as (
    select
        client_id,
        platform,
        account_id,
        date,
        status,
        reason,
        last_closed_date - date as age,
        date_trunc('month', date)
        = date_trunc('month', last_closed_date) - interval 1 month as is_of_last_month
    from {{ ref('int_account_days') }}
    where is_due and status not in ('whole', 'not_expected') and not waived
),

days as (
    select
        day.client_id,
        day.platform,
        day.account_id,
        day.date,
        day.age,
        list_filter([
            {% for name, condition in conditions.items() -%}
                if({{ condition }}, '{{ name }}', null){{ ',' if not loop.last }}
            {% endfor %}
        ], lambda name: list_contains(names, name)) as counted_by,
        counted_by[1] as cause
    from bad_days as day
    cross join settings
    left join accounts as account
        on
            day.platform = account.platform
            and day.account_id = account.account_id
),

-- What is said of an account as it is now rests on its newest bad day.
now as (
    select
        platform,
        account_id,
        client_id,
        arg_max(cause, date) as cause
    from days
    where age <= 1
    group by all
),

counted as (
    select
        unnest(counted_by) as name,
        cause
    from days
    union all
    select
        'todayCollection' as name,
        now.cause
    from (
        select
            (failing_client.value ->> 'client') as client_id,
            (failing_client.value ->> 'platform') as platform
        from failing, json_each(failing.details, '$.failed') as failing_client
        where failing.name = 'todayCollection'
    ) as due
    left join now
        on
            due.client_id = now.client_id
            and due.platform = now.platform
    union all
    select
        'freshness' as name,
        now.cause
    from (
        select stale_client.value ->> '$' as client_id
        from failing, json_each(failing.details, '$.staleClients') as stale_client
        where failing.name = 'freshness'
    ) as stale
    left join now
        on stale.client_id = now.client_id
    union all
    select
        'access' as name,
        if(
            list_contains(names, 'tokens') and refused.error_class = 'auth',
            'tokens', null
        ) as cause
    from (
        select issue.value ->> 'errorClass' as error_class
        from failing, json_each(failing.details, '$.issues') as issue
        where failing.name = 'access'
    ) as refused
    cross join settings
    union all
    select
        'collectionSuccess' as name,
        min(days.cause) as cause
    from collections
    cross join settings
    cross join {{ ref('stg_run') }} as run
    left join days
        on
            collections.platform = days.platform
            and collections.account_id = days.account_id
            and days.date between collections.from_date and collections.to_date
    where
        collections.outcome = 'failed'
        and collections.started_at
        > run.as_of - to_days(spans['collection_success']::integer)
    group by collections.collection_id
    union all
    select
        'healing' as name,
        days.cause
    from {{ ref('healing') }} as healing
    left join days
        on
            healing.platform = days.platform
            and healing.account_id = days.account_id
            and healing.date = days.date
    where not healing.healed
    union all
    select
        'quarantine' as name,
        days.cause
    from (
        select
            (issue.value ->> 'platform') as platform,
            (issue.value ->> 'account') as account_id,
            (issue.value ->> 'date')::date as date
        from failing, json_each(failing.details, '$.issues') as issue
        where failing.name = 'quarantine'
    ) as held
    left join days
        on
            held.platform = days.platform
            and held.account_id = days.account_id
            and held.date = days.date
    union all
    -- Without the days that are not whole, the score would still be too low.
    select
        'quality' as name,
        null as cause
    from {{ ref('scores') }} as score
    inner join {{ ref('int_rules') }} as weights
        on weights.client_id = '' and weights.rule = 'quality_score'
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'quality'
    cross join {{ ref('stg_run') }} as run
    where
        score.client_id = ''
        and score.date > run.as_of::date - 1 - setting.parameters['days']::integer
    having
        avg(weights.parameters['consistency'] - score.consistency)
        > 100 - any_value(setting.parameters['percent'])
)

select
    counted.name,
    list(distinct counted.cause order by counted.cause) as follows_from
from counted
inner join failing
    on counted.name = failing.name
where
    counted.name not in (
        {%- for name in roots if name != 'access' -%}
            '{{ name }}'{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
group by counted.name
having bool_and(coalesce(counted.cause <> counted.name, false))
