-- What the platforms changed afterwards: one row per client, platform, account, date,
-- metric and change.
with whole as (
    select
        version_id,
        client_id,
        platform,
        account_id,
        date,
        registered_timezone,
        run_id,
        started_at
    from {{ ref('int_versions_judged') }}
    where status = 'whole'
    qualify count(*) over (partition by platform, account_id, date) > 1
),

delivery as (
    select
        whole.version_id,
        coalesce(sum(fact.spend), 0)::decimal(18, 6) as total_spend,
        coalesce(sum(fact.impressions), 0)::decimal(18, 6) as total_impressions,
        coalesce(sum(fact.clicks), 0)::decimal(18, 6) as total_clicks
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
    unpivot (amount for metric in (total_spend, total_impressions, total_clicks))
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

-- A KPI that one of a day's versions has is zero in the others.
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

changes as (
    select
        whole.*,
        metrics.metric,
        coalesce(amounts.amount, 0) as value,
        lag(coalesce(amounts.amount, 0)) over (
            partition by whole.platform, whole.account_id, whole.date, metrics.metric
            order by whole.started_at, whole.run_id
        ) as previous_value
    from whole
    inner join metrics
        on
            whole.platform = metrics.platform
            and whole.account_id = metrics.account_id
            and whole.date = metrics.date
    left join amounts
        on whole.version_id = amounts.version_id and metrics.metric = amounts.metric
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
