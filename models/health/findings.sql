-- What the rules find in what counts now: one row per finding. A version speaks while
-- it is shown, or keeps its day from being whole; what a worse last look says of whole
-- days is one finding of its own.
with counting as (
    select
        rule_row.*,
        version.is_current
    from {{ ref('int_rule_rows') }} as rule_row
    left join {{ ref('int_versions') }} as version
        on rule_row.version_id = version.version_id
    left join {{ ref('int_account_days') }} as day
        on
            version.platform = day.platform
            and version.account_id = day.account_id
            and version.date = day.date
    where
        -- An account that is told otherwise is told once, not once for each version.
        (rule_row.rule <> 'registered' or rule_row.version_id is null)
        -- Of a version: only of the one that is shown, or that speaks for a closed day
        -- that is not whole. Else: of the day itself.
        and (
            version.version_id is null
            or version.is_due
            and (
                coalesce(day.version_id = version.version_id, false)
                or version.is_current and day.status <> 'whole'
            )
        )
    union all by name
    select * from {{ ref('int_look_rows') }}
),

current_rows as (
    select *
    from counting
    qualify row_number() over (
        partition by finding_id
        order by coalesce(is_current, true) desc, message asc
    ) = 1
),

-- What a version said before its day was over was no finding yet.
first_seen as (
    select
        rule_row.finding_id,
        -- A running day is due later: it was seen when it was collected.
        min(
            if(
                version.is_due, greatest(landed.started_at, version.due_at),
                landed.started_at
            )
        ) as started_at
    from (
        select
            finding_id,
            version_id
        from {{ ref('int_rule_rows') }}
        union all
        select
            finding_id,
            version_id
        from {{ ref('int_look_rows') }}
    ) as rule_row
    inner join {{ ref('stg_ledger__account_days') }} as landed
        on rule_row.version_id = landed.version_id
    left join {{ ref('int_versions') }} as version
        on rule_row.version_id = version.version_id
    where coalesce(version.is_settled or version.is_current, true)
    group by rule_row.finding_id
),

findings as (
    select
        current_rows.finding_id,
        current_rows.rule,
        current_rows.severity,
        current_rows.client_id,
        current_rows.platform,
        current_rows.account_id,
        current_rows.campaign_id,
        current_rows.date,
        current_rows.metric,
        current_rows.observed,
        current_rows.expected,
        format(
            '{}, {}: {}; {}. {}',
            if(
                current_rows.account_id = '',
                coalesce(nullif(current_rows.client_id, ''), 'agency'),
                format(
                    '{}, {} account {}', current_rows.client_id, current_rows.platform,
                    current_rows.account_id
                )
            ),
            current_rows.date, current_rows.message,
            case
                when current_rows.waived then 'waived'
                when current_rows.mode = 'shadow' then 'on trial, it counts nowhere'
                when current_rows.account_id = '' then 'the figures are as they are'
                when current_rows.rule = 'last_look_contradicts'
                    then 'an earlier collection that was whole is shown instead'
                when day.status = 'whole' then 'the day is shown'
                else 'the day is left out of all figures'
            end,
            if(
                current_rows.blocks = 'day' and current_rows.rule <> 'registered',
                format(
                    'Collect it again: '
                    'make backfill CLIENT={0} PLATFORM={1} FROM={2} TO={2}',
                    current_rows.client_id, current_rows.platform, current_rows.date
                ),
                'What to do: docs/runbooks/' || current_rows.rule || '.md'
            )
        ) as message,
        -- The first collection that showed it, the first that failed, or the moment the
        -- day was due.
        coalesce(
            first_seen.started_at,
            if(
                current_rows.rule in ('answers_present', 'missing_days'),
                greatest(attempt.first_failure_at, day.due_at), null
            ),
            day.due_at, current_rows.date::timestamptz
        ) as first_seen_at,
        current_rows.waived,
        current_rows.blocks,
        current_rows.mode,
        current_rows.version_id
    from current_rows
    left join first_seen
        on current_rows.finding_id = first_seen.finding_id
    left join {{ ref('int_account_days') }} as day
        on
            current_rows.platform = day.platform
            and current_rows.account_id = day.account_id
            and current_rows.date = day.date
    left join {{ ref('int_attempts') }} as attempt
        on
            current_rows.platform = attempt.platform
            and current_rows.account_id = attempt.account_id
            and current_rows.date = attempt.date
)

select * from findings
