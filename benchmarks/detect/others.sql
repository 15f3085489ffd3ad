with latest as (
    select
        calendar.client_id,
        calendar.platform,
        calendar.account_id,
        calendar.date,
        calendar.currency,
        version.version_id,
        coalesce(facts.spend, 0)::double as spend,
        coalesce(facts.impressions, 0)::double as impressions,
        coalesce(facts.clicks, 0)::double as clicks,
        coalesce(facts.campaigns, 0)::double as row_count
    from intermediate.int_calendar as calendar
    left join intermediate.int_versions as version
        on
            calendar.platform = version.platform
            and calendar.account_id = version.account_id
            and calendar.date = version.date
            and version.is_current
    left join intermediate.int_version_facts as facts
        on version.version_id = facts.version_id
    where calendar.is_due
),

converted as (
    select version_id, sum(conversions)::double as conversions
    from intermediate.int_conversions_mapped
    where kpi <> 'ignore'
    group by version_id
),

days as (
    select latest.*, coalesce(converted.conversions, 0) as conversions
    from latest
    left join converted using (version_id)
),

scored as (
    select
        client_id,
        date,
        abs(value - avg(value) over training) / nullif(stddev(value) over training, 0) as score,
        count(*) over training as training_set_size
    from days
    unpivot (value for metric in (spend, impressions, clicks, conversions, row_count))
    window training as (
        partition by client_id, platform, account_id, metric, dayofweek(date)
        order by date
        range between interval 97 days preceding and current row
    )
),

rates as (
    select currency, arg_max(pln, date)::double as pln
    from staging.stg_agency__rates
    group by currency
),

fixed as (
    select client_id, date
    from days
    left join rates using (currency)
    where
        version_id is null
        or spend = 0
        or spend * pln > 10000
        or spend < 0
        or clicks > impressions
        or clicks > 100000
        or impressions > 0 and clicks / impressions not between 0.001 and 0.1
        or clicks > 0 and spend * pln / clicks not between 0.1 and 50
        or spend > 0 and conversions = 0
        or conversions > clicks
)

select distinct 'z-score' as method, client_id, date - $1::date as day
from scored
where score > 3 and training_set_size >= 7
union all
select distinct 'fixed' as method, client_id, date - $1::date as day
from fixed
