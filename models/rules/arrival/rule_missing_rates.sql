-- Days whose money cannot be converted: one row per client, platform, currency and
-- stretch of days without a rate.
with days as (
    select
        *,
        total_spend is null as is_missing,
        -- Counts on with every day that has a rate, so days of one stretch share it.
        count(total_spend) over (
            partition by client_id, platform, currency order by date
        ) as stretch
    from {{ ref('daily_kpi_reporting') }}
),

stretches as (
    select
        client_id,
        platform,
        currency,
        reporting_currency,
        string_agg(distinct rate_source, ', ' order by rate_source) as rate_source,
        bool_and(rate is not null) as is_too_large,
        min(date) as first_date,
        max(date) as last_date,
        count(*) as days
    from days
    where is_missing
    group by client_id, platform, currency, reporting_currency, stretch
)

select
    'missing_rates' as rule,
    null::varchar as version_id,
    client_id,
    platform,
    -- It concerns the currency, and every account that has it.
    '' as account_id,
    null::varchar as campaign_id,
    first_date as date,
    currency || ' in ' || reporting_currency as metric,
    days || if(days = 1, ' day', ' days') || ' without a rate' as observed,
    'a rate of ' || first_date || ', or not much older' as expected,
    format(
        '{} cannot be told in {} from {} to {}: {}; {} NULL in'
        ' marts.daily_kpi_reporting',
        currency, reporting_currency, first_date, last_date,
        if(
            is_too_large,
            'at ' || rate_source || ' it is more than any amount of money',
            'agency/rates.csv has ' || rate_source || ' that is new enough'
        ),
        if(days = 1, '1 day is', days || ' days are')
    ) as message
from stretches
