-- A campaign that delivered day after day, is said to run, and is in no answer now
-- while others are: one row per version and campaign.
with recent as (
    select *
    from {{ ref('int_series_days') }}
    where
        version_id is not null
        and date >= (select as_of from {{ ref('stg_run') }})::date - 45
),

delivered as (
    select
        recent.platform,
        recent.account_id,
        recent.date,
        fact.campaign_id,
        fact.impressions,
        fact.impressions / recent.impressions as share
    from {{ ref('int_delivery') }} as fact
    inner join recent
        on fact.version_id = recent.version_id
    where fact.impressions > 0
),

-- The last day a campaign was there, and how steadily it was until then.
last_days as (
    select
        platform,
        account_id,
        campaign_id,
        date,
        lead(date) over campaign as next_date,
        count(*) over fortnight as days,
        avg(share) over fortnight as share,
        min(impressions) over fortnight as least_impressions
    from delivered
    window
        campaign as (partition by platform, account_id, campaign_id order by date),
        fortnight as (
            partition by platform, account_id, campaign_id order by date
            range between interval 13 days preceding and current row
        )
),

statuses as (
    select
        platform,
        account_id,
        campaign_id,
        is_enabled,
        seen_at,
        lead(seen_at) over (
            partition by platform, account_id, campaign_id order by seen_at
        ) as replaced_at
    from {{ ref('stg_ledger__campaigns') }}
)

select
    'campaign_vanished' as rule,
    recent.version_id,
    recent.client_id,
    recent.platform,
    recent.account_id,
    last_days.campaign_id,
    recent.date,
    'impressions' as metric,
    '0' as observed,
    'about ' || round(last_days.share * 100) || ' % of the account''s' as expected,
    format(
        'campaign {} runs, had {:.0f} % of the impressions until {}, and is gone',
        last_days.campaign_id, 100 * last_days.share, last_days.date
    ) as message
from last_days
inner join {{ ref('int_rules') }} as setting
    on setting.client_id = '' and setting.rule = 'campaign_vanished'
inner join recent
    on
        last_days.platform = recent.platform
        and last_days.account_id = recent.account_id
        and last_days.date < recent.date
        and last_days.date + 7 >= recent.date
        and coalesce(last_days.next_date, date '9999-12-31') > recent.date
inner join statuses
    on
        last_days.platform = statuses.platform
        and last_days.account_id = statuses.account_id
        and last_days.campaign_id = statuses.campaign_id
        and statuses.is_enabled
        -- Listed as running after the day, in the collection that gave the day.
        and statuses.seen_at <= recent.started_at + interval 1 hour
        and coalesce(statuses.replaced_at > recent.started_at + interval 1 hour, true)
where
    last_days.days = 14
    and last_days.share >= setting.parameters['share']
    and last_days.least_impressions >= setting.parameters['min_impressions']
    and recent.impressions > 0
