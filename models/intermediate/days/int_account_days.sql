-- Account-days with their verdict: one row per expected account and date, the running
-- day included, with the version that stands for it.
with chosen as (
    -- A closed day keeps its latest whole version, whatever came after it; a running
    -- day shows the latest that breaks no rule.
    select *
    from {{ ref('int_versions_judged') }}
    where status = 'whole' or (not is_due and broken_rule is null)
    qualify row_number() over (
        partition by platform, account_id, date order by started_at desc, run_id desc
    ) = 1
),

bad as (
    select
        platform,
        account_id,
        date,
        status,
        broken_rule,
        broken_rule || ': ' || reason as reason
    from {{ ref('int_versions_judged') }}
    where is_current and is_settled and status <> 'whole'
),

-- The three rules about days without a settled version exclude one another.
unanswered as (
    select
        platform,
        account_id,
        date,
        case rule when 'answers_present' then 'split' else 'missing' end as status,
        observed as reason,
        waived
    from {{ ref('int_rule_rows') }}
    where rule in ('answers_present', 'missing_days', 'settled') and version_id is null
),

account_days as (
    select
        calendar.client_id,
        calendar.platform,
        calendar.account_id,
        calendar.date,
        calendar.currency,
        calendar.timezone,
        calendar.conversion_tracking,
        calendar.due_at,
        calendar.daily_until,
        calendar.restatable_until,
        calendar.is_due,
        calendar.last_closed_date,
        case
            when chosen.version_id is not null and calendar.is_due then 'whole'
            when bad.status is not null then bad.status
            when unanswered.status is not null then unanswered.status
            when calendar.is_kept_by_platform then 'missing'
            else 'not_expected'
        end as status,
        if(chosen.version_id is null, coalesce(bad.reason, unanswered.reason), null)
            as reason,
        -- A whole day stays what it is: a last look that is worse is a failed attempt.
        -- An answer in another currency or time zone is not even that.
        if(
            chosen.version_id is not null and calendar.is_due,
            nullif(bad.broken_rule, 'registered'), null
        ) as contradicted_by,
        coalesce(unanswered.waived, false) as waived,
        chosen.version_id,
        chosen.told_measures,
        chosen.maturity,
        chosen.data_source,
        chosen.collected_at,
        chosen.confirmed_at,
        chosen.last_seen_at,
        chosen.run_id,
        coalesce(attempt.attempts, 0) as attempts,
        attempt.last_attempt_at,
        attempt.last_success_at
    from {{ ref('int_calendar') }} as calendar
    left join chosen
        on
            calendar.platform = chosen.platform
            and calendar.account_id = chosen.account_id
            and calendar.date = chosen.date
    left join bad
        on
            calendar.platform = bad.platform
            and calendar.account_id = bad.account_id
            and calendar.date = bad.date
    left join unanswered
        on
            calendar.platform = unanswered.platform
            and calendar.account_id = unanswered.account_id
            and calendar.date = unanswered.date
    left join {{ ref('int_attempts') }} as attempt
        on
            calendar.platform = attempt.platform
            and calendar.account_id = attempt.account_id
            and calendar.date = attempt.date
)

select * from account_days
