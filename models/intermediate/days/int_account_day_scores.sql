-- Quality of account-days: one row per closed account-day and what each part of its
-- score reaches, from 0 to 1. A waived day is left out: it neither helps nor hurts.
with odd as (
    -- What is shown although a rule that blocks nothing found it odd, or a figure is
    -- outside the usual bounds; the worst of the day counts.
    select
        version_id,
        max(penalty) as penalty
    from (
        select
            version_id,
            case severity
                when 'critical' then 1.0
                when 'high' then 0.75
                when 'medium' then 0.5
                else 0.25
            end as penalty
        from {{ ref('int_rule_rows') }}
        where blocks = 'no' and mode = 'live' and not waived and version_id is not null
        union all
        select
            bounds.version_id,
            0.25 as penalty
        from {{ ref('int_usual_bounds') }} as bounds
        inner join {{ ref('int_rules') }} as setting
            on
                bounds.client_id = setting.client_id
                and setting.rule = 'usual_bounds'
                and setting.mode = 'live'
    )
    group by version_id
),

unreconciled as (
    select distinct version_id
    from {{ ref('int_rule_rows') }}
    where rule = 'reconciliation'
),

-- What is told otherwise than it is registered cannot be confirmed any more.
told_otherwise as (
    select
        platform,
        account_id,
        date,
        min(started_at) as since
    from {{ ref('int_versions_judged') }}
    where broken_rule = 'registered'
    group by platform, account_id, date
),

scored as (
    select
        day.client_id,
        day.platform,
        day.account_id,
        day.date,
        (day.status = 'whole')::integer as completeness,
        (day.status in ('whole', 'unreconciled'))::integer as split,
        -- Fresh while it is looked at daily, and weekly from then on until its
        -- restatement window is over, or until the account is told otherwise.
        (
            day.status = 'whole'
            and day.last_seen_at
            > least(
                greatest(
                    least(run.as_of, day.daily_until),
                    least(run.as_of, day.restatable_until) - interval 8 day
                ),
                if(
                    told_otherwise.since > day.last_seen_at,
                    told_otherwise.since, null
                )
            )
            - to_hours(setting.parameters['fresh_hours']::integer)
        )::integer as freshness,
        if(day.status = 'whole', 1 - coalesce(odd.penalty, 0), 0) as consistency,
        (day.status = 'whole' and unreconciled.version_id is null)::integer
            as reconciliation,
        setting.parameters as weights
    from {{ ref('int_account_days') }} as day
    inner join {{ ref('int_rules') }} as setting
        on day.client_id = setting.client_id and setting.rule = 'quality_score'
    cross join {{ ref('stg_run') }} as run
    left join odd
        on day.version_id = odd.version_id
    left join unreconciled
        on day.version_id = unreconciled.version_id
    left join told_otherwise
        on
            day.platform = told_otherwise.platform
            and day.account_id = told_otherwise.account_id
            and day.date = told_otherwise.date
    where
        day.is_due
        and day.status <> 'not_expected'
        and (day.status = 'whole' or not day.waived)
),

-- Decimals, so that no mean depends on the order of its rows.
weighted as (
    select
        client_id,
        platform,
        account_id,
        {% for part in score_parts() -%}
            (weights['{{ part }}'] * {{ part }})::decimal(9, 6) as {{ part }},
        {% endfor -%}
        date
    from scored
)

select
    *,
    {{ score_parts() | join(' + ') }} as score
from weighted
