-- Campaigns: one row per campaign and span in which its name, status and channel did
-- not change.
with states as (
    select
        *,
        coalesce(
            content_hash <> lag(content_hash) over (
                partition by platform, account_id, campaign_id order by seen_at, run_id
            ),
            true
        ) as is_change
    from {{ ref('stg_ledger__campaigns') }}
),

campaigns as (
    select
        platform,
        account_id,
        campaign_id,
        name as campaign_name,
        status,
        channel,
        seen_at as valid_from,
        lead(seen_at) over (
            partition by platform, account_id, campaign_id order by seen_at, run_id
        ) as valid_to
    from states
    where is_change
)

select * from campaigns
