-- Closed days that figures lacked for a while, or still lack, although they were asked
-- for: one row per account-day, with what kept them away last and, if that was an
-- outage, which. What failed after a day was whole costs no figure and is not counted.
with failures as (
    select * from {{ ref('int_failed_looks') }}
),

doubtful_days as (
    select
        day.client_id,
        day.platform,
        day.account_id,
        day.date,
        day.due_at,
        day.status
    from {{ ref('int_account_days') }} as day
    semi join failures
        on
            day.platform = failures.platform
            and day.account_id = failures.account_id
            and day.date = failures.date
    where
        day.is_due
        and day.status <> 'not_expected'
        and (day.status = 'whole' or not day.waived)
),

whole_versions as (
    select
        version.version_id,
        version.run_id,
        version.platform,
        version.account_id,
        version.date,
        version.started_at,
        doubtful_days.due_at
    from {{ ref('int_versions_judged') }} as version
    inner join doubtful_days
        on
            version.platform = doubtful_days.platform
            and version.account_id = doubtful_days.account_id
            and version.date = doubtful_days.date
    where version.status = 'whole'
),

whole_looks as (
    {{ looks_at('whole_versions') }}
),

-- Since this look the day has figures, also after worse looks.
first_whole as (
    select
        platform,
        account_id,
        date,
        min({ 'at': started_at, 'run_id': run_id }) as look
    from whole_looks
    where started_at >= due_at
    group by all
),

outages as (
    select
        * exclude (error_classes),
        unnest(error_classes) as error_class
    from {{ ref('int_outages') }}
),

lacking as (
    select
        doubtful_days.client_id,
        first_whole.look.at as healed_at,
        failures.*,
        outage.outage_id,
        outage.cause as outage_cause,
        outage.opened_at as outage_opened_at,
        if(
            outage.ended_at is null, null,
            { 'at': outage.ended_at, 'run_id': outage.ended_by }
        ) as outage_ended,
        max({ 'at': failures.started_at, 'run_id': failures.run_id }) over day
            as last_failure
    from failures
    inner join doubtful_days
        on
            failures.platform = doubtful_days.platform
            and failures.account_id = doubtful_days.account_id
            and failures.date = doubtful_days.date
            and failures.started_at >= doubtful_days.due_at
    left join first_whole
        on
            failures.platform = first_whole.platform
            and failures.account_id = first_whole.account_id
            and failures.date = first_whole.date
    left join outages as outage
        on
            failures.run_id = outage.run_id
            and failures.platform = outage.platform
            and failures.error_class = outage.error_class
    where
        first_whole.look is null
        or { 'at': failures.started_at, 'run_id': failures.run_id } < first_whole.look
    window day as (
        partition by failures.platform, failures.account_id, failures.date
    )
),

-- Of several outages the first speaks that was not over when the day last failed.
struck_days as (
    select
        client_id,
        platform,
        account_id,
        date,
        any_value(healed_at) as healed_at,
        any_value(last_failure.at) as last_failed_at,
        min(started_at) as first_failed_at,
        min(started_at) filter (where was_asked) as first_asked_at,
        count(*) filter (where was_asked) as failed_attempts,
        arg_min(reason, (started_at, run_id)) filter (where was_asked) as first_reason,
        arg_max(rule, (started_at, run_id)) as rule,
        arg_max(message, (started_at, run_id)) as message,
        arg_max(was_asked, (started_at, run_id)) as was_asked,
        case
            when arg_max_null(outage_id, (started_at, run_id)) is not null
                then arg_min(
                    {
                        'id': outage_id, 'cause': outage_cause,
                        'opened_at': outage_opened_at
                    },
                    (outage_opened_at, outage_id)
                ) filter (
                    where
                    outage_id is not null
                    and coalesce(outage_ended > last_failure, true)
                )
        end as outage
    from lacking
    group by all
)

select
    * exclude (outage),
    outage.id as outage_id,
    outage.cause as outage_cause,
    outage.opened_at as outage_opened_at
from struck_days
