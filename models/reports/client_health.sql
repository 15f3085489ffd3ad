-- How clients are now: one row per client.
with accounts as (
    select
        platform,
        account_id,
        arg_max(client_id, date) as client_id,
        max(date) as last_date,
        arg_max(status, date) as last_status
    from {{ ref('account_days') }}
    group by platform, account_id
),

collected as (
    select
        platform,
        account_id,
        max(finished_at) as collected_at
    from {{ ref('collections') }}
    where outcome = 'collected'
    group by platform, account_id
),

-- An account's last closed day is its newest in the calendar, which ends where its time
-- zone says. An account whose calendar ended earlier is collected no more.
known_accounts as (
    select
        accounts.*,
        collected.collected_at,
        accounts.last_date >= (
            select max(newest.last_date) - 1 from accounts as newest
        ) as is_active
    from accounts
    left join collected
        on
            accounts.platform = collected.platform
            and accounts.account_id = collected.account_id
    where accounts.last_status <> 'not_expected'
),

-- A client is as fresh as the account that was not collected for the longest time.
clients as (
    select
        client.client_id,
        client.last_closed_day as last_day,
        bool_or(account.is_active) as is_active,
        case
            when not bool_or(account.is_active) then max(account.collected_at)
            when
                bool_and(account.collected_at is not null) filter (
                    where account.is_active
                )
                then min(account.collected_at) filter (where account.is_active)
        end as collected_at
    from known_accounts as account
    inner join {{ ref('clients') }} as client
        on account.client_id = client.client_id
    group by client.client_id, client.last_closed_day
),

-- What an account closed after its client's last day is judged with it.
last_days as (
    select
        day.client_id,
        day.platform,
        account.is_active,
        coalesce(day.reason, '') as reason,
        if(day.status <> 'whole' and day.waived, 'waived', day.status) as status,
        (
            day.status <> 'whole', not day.waived,
            coalesce(day.reason, '') <> 'queued', day.date, day.account_id
        ) as weight
    from {{ ref('account_days') }} as day
    inner join known_accounts as account
        on
            day.client_id = account.client_id
            and day.platform = account.platform
            and day.account_id = account.account_id
    inner join clients
        on day.client_id = clients.client_id and day.date >= clients.last_day
    where day.status <> 'not_expected'
),

last_states as (
    select
        client_id,
        platform,
        arg_max(status, weight) as status,
        nullif(arg_max(reason, weight), '') as reason,
        bool_or(is_active) as is_active
    from last_days
    group by client_id, platform
),

platforms as (
    select
        client_id,
        list({
            'platform': platform, 'status': status, 'reason': reason,
            'is_active': is_active
        } order by platform) as platforms
    from last_states
    group by client_id
),

zones as (
    select
        client_id,
        mode(timezone order by timezone) as timezone
    from {{ ref('accounts') }}
    group by client_id
),

months as (
    select
        client_id,
        sum(days_whole)::bigint as days_whole,
        sum(days_expected)::bigint as days_expected
    from {{ ref('monthly_kpi') }}
    group by client_id
),

scores as (
    select
        client_id,
        arg_max(score, date) as score
    from {{ ref('scores') }}
    group by client_id
),

troubles as (
    select
        gap.client_id,
        count(*) filter (where gap.to_date > clients.last_day - 7) as last_week,
        count(*) filter (where gap.to_date > clients.last_day - 30) as last_month
    from {{ ref('gaps') }} as gap
    inner join clients
        on gap.client_id = clients.client_id
    where not gap.waived and coalesce(gap.reason, '') <> 'queued'
    group by gap.client_id
),

findings as (
    select
        client_id,
        count(*) as serious
    from {{ ref('findings') }}
    where severity <> 'low' and mode = 'live' and not waived
    group by client_id
)

select
    client.client_id,
    client.client_name,
    case
        when troubles.last_week > 0 then 'critical'
        when troubles.last_month > 0 or findings.serious > 0 then 'warning'
        else 'healthy'
    end as status,
    scores.score,
    clients.last_day,
    coalesce(months.days_whole, 0) as days_whole,
    coalesce(months.days_expected, 0) as days_expected,
    clients.collected_at,
    coalesce(clients.is_active, false) as is_active,
    zones.timezone,
    coalesce(platforms.platforms, []) as platforms
from {{ ref('clients') }} as client
left join clients
    on client.client_id = clients.client_id
left join platforms
    on client.client_id = platforms.client_id
left join zones
    on client.client_id = zones.client_id
left join months
    on client.client_id = months.client_id
left join scores
    on client.client_id = scores.client_id
left join troubles
    on client.client_id = troubles.client_id
left join findings
    on client.client_id = findings.client_id
