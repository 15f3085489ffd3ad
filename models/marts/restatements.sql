-- What the platforms changed afterwards: one row per client, platform, account, date,
-- metric and change.
{% set measures = table_rows('measures') | selectattr('total') | list %}

with whole as (
    select
        version_id,
        client_id,
        platform,
        account_id,
        date,
        registered_timezone,
        run_id,
        started_at,
        told_measures
    from {{ ref('int_versions_judged') }}
    where status = 'whole'
    qualify count(*) over (partition by platform, account_id, date) > 1
),

delivery as (
    select
        {% for measure in measures -%}
            coalesce(
                sum(fact.{{ measure.name }}),
                any_value({{ zero_if_told(measure, 'whole') }})
            )::decimal(18, 6) as {{ measure.total }},
        {% endfor -%}
        whole.version_id
    from whole
    left join {{ ref('int_delivery') }} as fact
        on whole.version_id = fact.version_id
    group by whole.version_id
),

kpis as (
    select
        whole.version_id,
        fact.kpi,
        sum(fact.conversions)::decimal(18, 6) as conversions,
        sum(fact.conversion_value)::decimal(18, 6) as conversion_value
    from whole
    inner join {{ ref('int_conversions_mapped') }} as fact
        on whole.version_id = fact.version_id
    where fact.kpi <> 'ignore'
    group by all
),

amounts as (
    select
        version_id,
        metric,
        amount
    from delivery
    unpivot include nulls (
        amount for metric in ({{ measures | join(', ', 'total') }})
    )
    union all
    select
        version_id,
        kpi as metric,
        conversions as amount
    from kpis
    union all
    select
        version_id,
        kpi || '_value' as metric,
        conversion_value as amount
    from kpis
),

metrics as (
    select distinct
        whole.platform,
        whole.account_id,
        whole.date,
        amounts.metric
    from whole
    inner join amounts
        on whole.version_id = amounts.version_id
),

-- A KPI that one of a day's versions has is zero in the others. A measure that a
-- version was not asked for has no value there, and what it has later is no change.
amounts_of_versions as (
    select
        whole.*,
        metrics.metric,
        if(amounts.version_id is null, 0, amounts.amount) as value
    from whole
    inner join metrics
        on
            whole.platform = metrics.platform
            and whole.account_id = metrics.account_id
            and whole.date = metrics.date
    left join amounts
        on whole.version_id = amounts.version_id and metrics.metric = amounts.metric
),

changes as (
    select
        *,
        lag(value ignore nulls) over (
            partition by platform, account_id, date, metric
            order by started_at, run_id
        ) as previous_value
    from amounts_of_versions
)

select
    client_id,
    platform,
    account_id,
    date,
    metric,
    previous_value::decimal(18, 6) as previous_value,
    value::decimal(18, 6) as value,
    started_at as changed_at,
    timezone(registered_timezone, started_at)::date - date as days_after
from changes
where value <> previous_value
