-- The expected calendar: one row per account and date, from its first expected day to
-- today in its time zone.
with registered as (
    select
        account.client_id,
        account.platform,
        account.account_id,
        account.currency,
        account.timezone,
        account.conversion_tracking,
        to_minutes((60 * platform.settling_hours)::integer) as settling,
        platform.lookback_days,
        timezone(account.timezone, run.as_of)::date as today,
        -- A day is closed when it is over and the platform had its settling time.
        timezone(account.timezone, run.as_of - settling)::date - 1 as last_closed_date,
        (today - to_months(platform.retention_months))::date as kept_from,
        coalesce(greatest(account.started_on, client.started_on), kept_from)
            as first_date,
        least(account.ended_on, client.ended_on) as leaves_on,
        least(leaves_on, today) as last_date
    from {{ ref('stg_agency__accounts') }} as account
    inner join {{ ref('stg_agency__clients') }} as client
        on account.client_id = client.client_id
    inner join {{ ref('stg_platforms') }} as platform
        on account.platform = platform.platform
    cross join {{ ref('stg_run') }} as run
),

days as (
    select
        *,
        unnest(generate_series(first_date, last_date, interval 1 day))::date as date
    from registered
),

-- A time zone is asked once for each day, not for every account.
instants as (
    select
        *,
        timezone(timezone, (date + 1)::timestamp) + settling as due_at,
        timezone(timezone, (date + 1 + lookback_days)::timestamp) as restatable_until,
        -- A day is final once it was seen after its month closed: after the month's
        -- last day, or the account's, left the restatement window.
        timezone(
            timezone,
            (least(last_day(date), leaves_on) + 1 + lookback_days)::timestamp
        ) as final_at
    from (
        select distinct
            timezone,
            settling,
            lookback_days,
            leaves_on,
            date
        from days
    ) as dates
),

account_days as (
    select
        days.client_id,
        days.platform,
        days.account_id,
        days.date,
        days.currency,
        days.timezone,
        days.conversion_tracking,
        instants.due_at,
        instants.restatable_until,
        instants.final_at,
        days.date <= days.last_closed_date as is_due,
        days.last_closed_date,
        days.date >= days.kept_from as is_kept_by_platform
    from days
    inner join instants
        on
            days.date = instants.date
            and days.timezone = instants.timezone
            and days.settling = instants.settling
            and days.lookback_days = instants.lookback_days
            and days.leaves_on is not distinct from instants.leaves_on
)

select * from account_days
