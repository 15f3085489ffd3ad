-- Days whose conversions are missing, not zero: one row per version and metric, or per
-- day whose conversions request failed.
with differing as (
    select version_id
    from {{ ref('int_control_differences') }}
    where metric is not null
),

-- What is missing makes a difference to the totals: few versions are looked at.
conversions as (
    select *
    from {{ ref('int_conversions') }}
    where version_id in (select differing.version_id from differing)
),

totals as (
    select *
    from {{ ref('int_control_totals') }}
    where version_id in (select differing.version_id from differing)
),

actions as (
    select
        version_id,
        action_id,
        sum(conversions) as conversions
    from conversions
    group by version_id, action_id
),

answers as (
    select
        version_id,
        sum(greatest(conversions, all_conversions)) as conversions
    from conversions
    group by version_id
),

versions as (
    select
        version.*,
        platform.totals_by_action
    from {{ ref('int_versions') }} as version
    inner join {{ ref('stg_platforms') }} as platform
        on version.platform = platform.platform
),

missing_actions as (
    select
        versions.version_id,
        totals.action_id as metric,
        '0' as observed,
        totals.conversions::varchar as expected,
        format(
            'the account has {} {}, its campaigns have none',
            totals.conversions::double, totals.action_id
        ) as message
    from totals
    inner join versions
        on totals.version_id = versions.version_id
    left join actions
        on
            totals.version_id = actions.version_id
            and totals.action_id = actions.action_id
    where
        versions.totals_by_action
        and totals.action_id <> ''
        and totals.conversions > 0.01
        and coalesce(actions.conversions, 0) = 0
),

link_clicks_without_actions as (
    select
        versions.version_id,
        'actions' as metric,
        '0' as observed,
        'some for ' || facts.link_clicks || ' link clicks' as expected,
        format('there are {} link clicks and no action at all', facts.link_clicks)
            as message
    from versions
    inner join {{ ref('int_version_facts') }} as facts
        on versions.version_id = facts.version_id
    where facts.link_clicks > 0 and facts.actions = 0
),

missing_conversions as (
    select
        versions.version_id,
        'conversions' as metric,
        '0' as observed,
        greatest(totals.conversions, totals.all_conversions)::varchar as expected,
        format(
            'the account in all has {} conversions, but no conversion action has any',
            greatest(totals.conversions, totals.all_conversions)::double
        ) as message
    from versions
    inner join totals
        on versions.version_id = totals.version_id and totals.action_id = ''
    left join answers
        on versions.version_id = answers.version_id
    where
        not versions.totals_by_action
        and greatest(totals.conversions, totals.all_conversions) > 0.01
        and coalesce(answers.conversions, 0) = 0
),

split_versions as (
    select * from missing_actions
    union all
    select * from link_clicks_without_actions
    union all
    select * from missing_conversions
)

select
    'answers_present' as rule,
    versions.version_id,
    versions.client_id,
    versions.platform,
    versions.account_id,
    null::varchar as campaign_id,
    versions.date,
    split_versions.metric,
    split_versions.observed,
    split_versions.expected,
    split_versions.message
from split_versions
inner join versions
    on split_versions.version_id = versions.version_id
union all
select
    'answers_present' as rule,
    null as version_id,
    day.client_id,
    day.platform,
    day.account_id,
    null as campaign_id,
    day.date,
    'conversions' as metric,
    concat_ws(': ', 'the conversions request failed', day.error_class, day.message)
        as observed,
    'an answer' as expected,
    concat_ws(': ', 'the conversions request failed', day.error_class, day.message)
        as message
from {{ ref('int_unanswered_days') }} as day
where day.failed_answer = 'conversions'
