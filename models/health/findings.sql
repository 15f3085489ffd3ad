-- What the rules find in what counts now: one row per finding. Versions that a later
-- one replaced speak no more.
with current_rows as (
    select rule_row.*
    from {{ ref('int_rule_rows') }} as rule_row
    left join {{ ref('int_versions') }} as version
        on rule_row.version_id = version.version_id
    left join {{ ref('int_account_days') }} as account_day
        on rule_row.version_id = account_day.version_id
    where
        -- Of a version: only of the one that speaks for a closed day, or is shown.
        -- Else: of the day itself.
        version.version_id is null
        or version.is_due and (version.is_current or account_day.version_id is not null)
    qualify row_number() over (
        partition by rule_row.finding_id
        order by coalesce(version.is_current, true) desc, rule_row.message asc
    ) = 1
),

first_seen as (
    select
        rule_row.finding_id,
        min(version.started_at) as started_at
    from {{ ref('int_rule_rows') }} as rule_row
    inner join {{ ref('stg_ledger__account_days') }} as version
        on rule_row.version_id = version.version_id
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
                when day.status = 'whole' and current_rows.blocks = 'day'
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
                attempt.first_failure_at, null
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
