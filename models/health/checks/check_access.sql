-- Platforms and accounts that the credentials do not reach any more: one row. The last
-- attempt of each account speaks.
with attempts as (
    select
        platform,
        account_id,
        arg_max(error_class, (started_at, run_id)) as error_class,
        arg_max(outcome, (started_at, run_id)) as outcome
    from {{ ref('stg_ledger__collections') }}
    where outcome <> 'skipped'
    group by all
),

refused as (
    select distinct
        account.client_id,
        attempts.platform,
        attempts.account_id,
        attempts.error_class
    from attempts
    inner join {{ ref('int_account_days') }} as account
        on
            attempts.platform = account.platform
            and attempts.account_id = account.account_id
            and account.date = account.last_closed_date
    where
        attempts.outcome = 'failed'
        and attempts.error_class in ('auth', 'permission')
),

counted as (
    select
        count(*) as issues,
        coalesce(list(
            {
                'client': client_id, 'platform': platform,
                'account': account_id, 'errorClass': error_class
            }
            order by client_id, platform, account_id
        ), []) as issue_list
    from refused
)

select
    'access' as name,
    case when issues = 0 then 'pass' else 'fail' end as status,
    issues::varchar as observed,
    '0' as expected,
    issues || ' accounts cannot be reached with the credentials there are: make doctor'
        as message,
    to_json({ 'issueCount': issues, 'issues': issue_list }) as details
from counted
