-- What staging typed of the versions that are shown is what is shown, per client,
-- platform and month: delivery in the campaign-days, and of the conversions each row
-- once and each primary count in full. Where a difference is waived, what is left of
-- the account's total is shown besides.
with shown as (
    select
        account_day.version_id,
        account_day.client_id,
        account_day.platform,
        date_trunc('month', account_day.date) as month
    from {{ ref('int_account_days') }} as account_day
    inner join {{ ref('int_client_days') }} as client_day
        on
            account_day.client_id = client_day.client_id
            and account_day.platform = client_day.platform
            and account_day.date = client_day.date
    where client_day.is_whole
),

delivery as (
    select
        version_id,
        spend,
        impressions,
        clicks
    from {{ ref('stg_meta__campaign_days') }}
    union all
    select
        version_id,
        spend,
        impressions,
        clicks
    from {{ ref('stg_google__campaign_days') }}
    union all
    select
        version_id,
        coalesce(spend, 0) as spend,
        coalesce(impressions, 0) as impressions,
        coalesce(clicks, 0) as clicks
    from {{ ref('int_remainders') }}
),

conversions as (
    select
        version_id,
        conversions
    from {{ ref('stg_meta__conversions') }}
    union all
    select
        version_id,
        conversions
    from {{ ref('stg_google__conversions') }}
    union all
    select
        version_id,
        coalesce(conversions, 0) as conversions
    from {{ ref('int_remainders') }}
    where action_id <> ''
),

sides as (
    select
        shown.client_id,
        shown.platform,
        shown.month,
        delivery.spend,
        delivery.impressions,
        delivery.clicks,
        0 as conversion_rows,
        0 as conversions
    from delivery
    inner join shown
        on delivery.version_id = shown.version_id
    union all
    select
        client_id,
        platform,
        date_trunc('month', date) as month,
        -total_spend,
        -total_impressions,
        -total_clicks,
        0 as conversion_rows,
        0 as conversions
    from {{ ref('int_campaign_days') }}
    where is_whole
    union all
    select
        shown.client_id,
        shown.platform,
        shown.month,
        0 as spend,
        0 as impressions,
        0 as clicks,
        1 as conversion_rows,
        conversions.conversions
    from conversions
    inner join shown
        on conversions.version_id = shown.version_id
    union all
    select
        client_id,
        platform,
        date_trunc('month', date) as month,
        0 as spend,
        0 as impressions,
        0 as clicks,
        -1 as conversion_rows,
        -primary_conversions
    from {{ ref('daily_conversions') }}
)

select
    client_id,
    platform,
    month,
    sum(spend) as spend,
    sum(impressions) as impressions,
    sum(clicks) as clicks,
    sum(conversion_rows) as conversion_rows,
    sum(conversions) as conversions
from sides
group by all
having
    sum(spend) <> 0
    or sum(impressions) <> 0
    or sum(clicks) <> 0
    or sum(conversion_rows) <> 0
    or sum(conversions) <> 0
