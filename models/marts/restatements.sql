-- What the platforms changed afterwards: one row per client, platform, account, date, metric and change.
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
        version_id,
        sum(spend)::decimal(18, 6) as spend,
        sum(impressions)::decimal(18, 6) as impressions,
        sum(clicks)::decimal(18, 6) as clicks
    from {{ ref('int_delivery') }}
    group by version_id
),

kpis as (
    select
        version_id,
        kpi,
        sum(conversions)::decimal(18, 6) as conversions,
        sum(conversion_value)::decimal(18, 6) as conversion_value
    from {{ ref('int_conversions_mapped') }}
    where kpi <> 'ignore'
    group by all
),

-- A KPI that one of a day's versions has is zero in the others.
expected_kpis as (
    select distinct whole.platform, whole.account_id, whole.date, kpis.kpi
    from whole
    inner join kpis
        on whole.version_id = kpis.version_id
),

metrics as (
    select
        whole.*,
        unnest([
            {'metric': 'total_spend', 'value': coalesce(delivery.spend, 0)},
            {'metric': 'total_impressions', 'value': coalesce(delivery.impressions, 0)},
            {'metric': 'total_clicks', 'value': coalesce(delivery.clicks, 0)}
        ], recursive := true)
    from whole
    left join delivery
        on whole.version_id = delivery.version_id
    union all
    select
        whole.*,
        unnest([
            {'metric': expected_kpis.kpi, 'value': coalesce(kpis.conversions, 0)},
            {'metric': expected_kpis.kpi || '_value', 'value': coalesce(kpis.conversion_value, 0)}
        ], recursive := true)
    from whole
    inner join expected_kpis
        on
            whole.platform = expected_kpis.platform
            and whole.account_id = expected_kpis.account_id
            and whole.date = expected_kpis.date
    left join kpis
        on whole.version_id = kpis.version_id and expected_kpis.kpi = kpis.kpi
),

changes as (
    select
        *,
        lag(value) over (
            partition by platform, account_id, date, metric order by started_at, run_id
        ) as previous_value
    from metrics
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
    date_diff('day', date, timezone(registered_timezone, started_at)::date)::bigint as days_after
from changes
where value <> previous_value
