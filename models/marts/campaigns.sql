-- Campaigns: one row per campaign and span in which its name, status and channel did
-- not change.
with told as (
    select
        *,
        min(seen_at) over campaign as first_seen_at,
        bool_or(status is not null) over campaign as is_listed
    from {{ ref('stg_ledger__campaigns') }}
    -- Figures tell a name alone; what a list says later was so from the start.
    window campaign as (partition by platform, account_id, campaign_id)
    qualify status is not null or not is_listed
),

states as (
    select
        *,
        coalesce(lag(content_hash) over campaign <> content_hash, true) as is_change,
        if(row_number() over campaign = 1, first_seen_at, seen_at) as since
    from told
    window
        campaign as (
            partition by platform, account_id, campaign_id order by seen_at, run_id
        )
),

campaigns as (
    select
        platform,
        account_id,
        campaign_id,
        name as campaign_name,
        status,
        channel,
        since as valid_from,
        lead(since) over (
            partition by platform, account_id, campaign_id order by since, run_id
        ) as valid_to
    from states
    where is_change
)

select * from campaigns
