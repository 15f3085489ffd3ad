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
        (today - to_months(platform.retention_months))::date as usually_kept_from,
        -- Where the platform has refused older days; what is whole stays expected.
        greatest(usually_kept_from, today - edge.kept_days::integer) as kept_from,
        coalesce(greatest(account.started_on, client.started_on), usually_kept_from)
            as first_date,
        least(account.ended_on, client.ended_on) as leaves_on,
        least(leaves_on, today) as last_date
    from {{ ref('stg_agency__accounts') }} as account
    inner join {{ ref('stg_agency__clients') }} as client
        on account.client_id = client.client_id
    inner join {{ ref('stg_platforms') }} as platform
        on account.platform = platform.platform
    cross join {{ ref('stg_run') }} as run
    left join {{ ref('stg_ledger__retention_edges') }} as edge
        on
            account.platform = edge.platform
            and account.account_id = edge.account_id
),

days as (
    select
        *,
        unnest(generate_series(first_date, last_date, interval 1 day))::date as date
    from registered
),

-- A month keeps the window that was known last while it was open: a longer one that is
-- found later opens no month that it has left behind as well.
longer_windows as (
    select
        months.platform,
        months.account_id,
        months.closes_on,
        arg_max(longer.days, longer.seen_at)::integer as days
    from (
        select distinct
            platform,
            account_id,
            least(last_day(date), leaves_on) as closes_on
        from days
    ) as months
    inner join {{ ref('stg_ledger__restatement_windows') }} as longer
        on
            months.platform = longer.platform
            and months.account_id = longer.account_id
            and months.closes_on + longer.days::integer + 1 > longer.seen_on
    group by months.platform, months.account_id, months.closes_on
),

restated_days as (
    select
        days.*,
        greatest(days.lookback_days, coalesce(longer.days, 0)) as restatement_days
    from days
    left join longer_windows as longer
        on
            days.platform = longer.platform
            and days.account_id = longer.account_id
            and least(last_day(days.date), days.leaves_on) = longer.closes_on
),

-- A time zone is asked once for each day, not for every account.
instants as (
    select
        *,
        timezone(timezone, (date + 1)::timestamp) + settling as due_at,
        timezone(timezone, (date + 1 + lookback_days)::timestamp) as daily_until,
        timezone(timezone, (date + 1 + restatement_days)::timestamp)
            as restatable_until,
        -- A day is final once it was seen after its month closed: after the month's
        -- last day, or the account's, left the restatement window.
        timezone(
            timezone,
            (least(last_day(date), leaves_on) + 1 + restatement_days)::timestamp
        ) as final_at
    from (
        select distinct
            timezone,
            settling,
            lookback_days,
            restatement_days,
            leaves_on,
            date
        from restated_days
    ) as dates
),

-- Where a platform tells days by itself, those that the last collection missed.
missed as (
    select distinct
        platform,
        account_id,
        unnest(generate_series(from_date, to_date, interval 1 day))::date as date
    from (
        select
            *,
            max(run_id) over (partition by platform, account_id) as last_run_id
        from {{ ref('stg_ledger__collections') }}
        where
            {{ platform_has('tells_days') }}
            and finished_at <= (select as_of from {{ ref('stg_run') }})
    )
    where error_class = 'untold' and run_id = last_run_id
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
        instants.daily_until,
        instants.restatable_until,
        instants.final_at,
        days.date <= days.last_closed_date as is_due,
        days.last_closed_date,
        days.date >= days.kept_from
        and (
            not {{ platform_has('tells_days', 'days.platform') }}
            or missed.date is not null
        ) as is_kept_by_platform
    from restated_days as days
    inner join instants
        on
            days.date = instants.date
            and days.timezone = instants.timezone
            and days.settling = instants.settling
            and days.lookback_days = instants.lookback_days
            and days.restatement_days = instants.restatement_days
            and days.leaves_on is not distinct from instants.leaves_on
    left join missed
        on
            days.platform = missed.platform
            and days.account_id = missed.account_id
            and days.date = missed.date
)

select * from account_days
