-- How long the platforms' credentials still hold: one row. What a platform said last is
-- judged at the instant of the build, so that it turns without a word of the platform.
with asked as (
    select distinct platform
    from {{ ref('int_account_days') }}
    where date = last_closed_date
),

answered as (
    select
        platform,
        max({ 'started_at': started_at, 'run_id': run_id }) as last_answer
    from {{ ref('stg_ledger__collections') }}
    where outcome = 'collected'
    group by platform
),

-- What was said last, unless the platform has let us in since: then a refusal is over,
-- and an end that has passed was of credentials that are no longer in use.
told as (
    select
        coalesce(
            (
                not platforms.token_valid
                and answered.last_answer
                > { 'started_at': platforms.seen_at, 'run_id': platforms.run_id }
            )
            or answered.last_answer.started_at > platforms.token_expires_at,
            false
        ) as is_disproved,
        platforms.platform,
        platforms.token_valid or is_disproved as token_valid,
        platforms.token_told and not is_disproved as token_told,
        if(is_disproved, null, platforms.token_expires_at) as token_expires_at,
        platforms.token_problem
    from {{ ref('stg_ledger__platforms') }} as platforms
    left join answered
        on platforms.platform = answered.platform
    where platforms.token_valid is not null
    qualify
        row_number() over (
            partition by platforms.platform
            order by platforms.seen_at desc, platforms.run_id desc
        ) = 1
),

known as (
    select
        asked.platform,
        told.token_valid,
        told.token_told,
        told.token_expires_at as ends_at,
        told.token_problem as problem,
        setting.parameters['warn_days'] as warn_days,
        case
            when not told.token_valid or told.token_expires_at <= run.as_of then 'fail'
            when told.token_expires_at < run.as_of + to_days(warn_days::integer)
                then 'warn'
            else 'pass'
        end as status,
        -- Whole days, as a person counts down to it.
        if(
            status = 'fail', 0,
            date_diff('second', run.as_of, told.token_expires_at) // 86400
        ) as days_left
    from asked
    left join told
        on asked.platform = told.platform
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'tokens'
    cross join {{ ref('stg_run') }} as run
),

worded as (
    select
        *,
        case
            when token_valid is null
                then 'nothing is known of the credentials for ' || platform
            when not token_valid
                then
                    platform || ' cannot be asked with the credentials there are'
                    || coalesce(' (' || problem || ')', '')
            when ends_at is null and token_told
                then 'the credentials for ' || platform || ' do not expire'
            when ends_at is null
                then platform || ' does not say how long the credentials hold'
            when status = 'fail'
                then
                    format(
                        'the credentials for {} expired on {}', platform, ends_at::date
                    )
            else
                format(
                    'the credentials for {} expire on {}, in {} days',
                    platform, ends_at::date, days_left
                )
        end as sentence
    from known
),

counted as (
    select
        count(*) filter (where status = 'fail') as failing,
        count(*) filter (where status <> 'pass') as issues,
        min(days_left) as days_left,
        max(warn_days) as warn_days,
        string_agg(
            sentence, '; '
            order by list_position(['fail', 'warn', 'pass'], status), platform
        ) as sentences,
        coalesce(list(
            {
                'platform': platform, 'status': status, 'daysLeft': days_left,
                'told': coalesce(token_told, false), 'expiresOn': ends_at::date::varchar
            }
            order by platform
        ), []) as platforms
    from worded
)

select
    'tokens' as name,
    case
        when failing > 0 then 'fail'
        when issues > 0 then 'warn'
        else 'pass'
    end as status,
    coalesce(days_left::varchar, 'not told') as observed,
    coalesce(warn_days, 0)::integer::varchar as expected,
    coalesce(sentences, 'no platform is collected')
    || if(issues > 0, '; put new ones into .dlt/secrets.toml', '') as message,
    to_json({ 'issueCount': issues, 'platforms': platforms }) as details
from counted
