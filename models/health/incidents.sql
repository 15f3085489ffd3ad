-- Findings by their root cause: one row per cause and stretch of days, however many
-- clients and days it struck. What went wrong with a platform is one incident of all
-- accounts it struck; what a rule found is one of the account, or of the platform if it
-- began with three clients on one day.
with open_days as (
    select
        finding.client_id,
        finding.platform,
        finding.account_id,
        finding.date,
        finding.rule,
        finding.severity,
        finding.blocks,
        finding.message,
        finding.first_seen_at as opened_at,
        run.as_of as last_seen_at,
        null::timestamptz as resolved_at
    from {{ ref('findings') }} as finding
    cross join {{ ref('stg_run') }} as run
    where finding.mode = 'live' and not finding.waived
),

-- Of days that came back whole, only that they were not is known.
healed_days as (
    select
        healing.client_id,
        healing.platform,
        healing.account_id,
        healing.date,
        'missing_days' as rule,
        'high' as severity,
        'day' as blocks,
        healing.reason as message,
        healing.failed_at as opened_at,
        healing.last_attempt_at as last_seen_at,
        healing.last_attempt_at as resolved_at
    from {{ ref('healing') }} as healing
    where healing.healed and healing.failed_at is not null
),

-- Accounts that were not asked any more went without for the reason of those that were.
failed_windows as (
    select
        platform,
        account_id,
        if(
            outcome = 'skipped',
            coalesce(
                max(error_class) filter (where outcome = 'failed') over asked,
                error_class
            ),
            error_class
        ) as error_class,
        outcome = 'failed' as was_asked,
        unnest(generate_series(from_date, to_date, interval 1 day))::date as date
    from {{ ref('stg_ledger__collections') }}
    where outcome <> 'collected'
    window asked as (partition by run_id, platform)
),

causes as (
    select
        platform,
        account_id,
        date,
        max(error_class) as error_class,
        bool_or(was_asked) as was_asked
    from failed_windows
    group by all
),

found as (
    select * from open_days
    union all
    select * from healed_days
),

-- One cause per account-day: what blocks it comes before what is only odd.
struck as (
    select
        found.*,
        coalesce(
            case
                when found.rule in ('missing_days', 'answers_present', 'settled')
                    then causes.error_class
            end,
            found.rule
        ) as cause,
        coalesce(causes.was_asked, true) as was_asked
    from found
    left join causes
        on
            found.platform = causes.platform
            and found.account_id = causes.account_id
            and found.date = causes.date
    qualify row_number() over (
        partition by found.platform, found.account_id, found.client_id, found.date
        order by
            found.resolved_at is null desc,
            found.blocks = 'day' desc,
            list_position(['critical', 'high', 'medium', 'low'], found.severity) asc,
            found.rule asc,
            found.message asc
    ) = 1
),

first_days as (
    select
        *,
        min(date) over (
            partition by cause, platform, account_id, client_id
        ) as first_date
    from struck
),

wide as (
    select
        cause,
        platform,
        first_date
    from first_days
    group by all
    having count(distinct client_id) >= 3
),

scoped as (
    select
        first_days.*,
        if(
            first_days.cause <> first_days.rule
            or wide.cause is not null
            or first_days.account_id = '',
            '', first_days.account_id
        ) as scope
    from first_days
    left join wide
        on
            first_days.cause = wide.cause
            and first_days.platform = wide.platform
            and first_days.first_date = wide.first_date
),

-- A pause of more than three days ends a stretch.
pauses as (
    select
        *,
        coalesce(
            date - lag(date) over (
                partition by cause, platform, scope order by date, account_id
            ) > 3,
            true
        ) as is_new
    from scoped
),

stretches as (
    select
        *,
        sum(is_new::integer) over (
            partition by cause, platform, scope
            order by date
            range between unbounded preceding and current row
        ) as stretch
    from pauses
),

spending as (
    select
        platform,
        account_id,
        currency,
        median(spend) filter (where spend > 0) as usual_spend
    from {{ ref('int_series_days') }}
    group by all
),

rates as (
    select
        currency,
        arg_max(pln, date) as pln
    from {{ ref('stg_agency__rates') }}
    group by currency
),

incidents as (
    select
        stretches.cause,
        stretches.platform,
        stretches.scope,
        arg_min(stretches.rule, (stretches.date, stretches.rule)) as rule,
        ['critical', 'high', 'medium', 'low'][
            min(list_position(
                ['critical', 'high', 'medium', 'low'], stretches.severity
            ))
        ] as severity,
        list(distinct stretches.client_id order by stretches.client_id) as clients,
        count(*) as account_days,
        count(*) filter (where stretches.resolved_at is null) as days_open,
        min(stretches.date) as from_date,
        max(stretches.date) as to_date,
        min(stretches.opened_at) as opened_at,
        max(stretches.last_seen_at) as last_seen_at,
        case
            when count(*) filter (where stretches.resolved_at is null) = 0
                then max(stretches.resolved_at)
        end as resolved_at,
        sum(coalesce(
            case when stretches.blocks = 'no' then day.spend end, spending.usual_spend
        ) * rates.pln) as affected_spend_pln,
        arg_max(
            stretches.message,
            (
                stretches.resolved_at is null, stretches.was_asked,
                stretches.date, stretches.message
            )
        ) as reason,
        bool_or(stretches.blocks = 'day') as blocks
    from stretches
    left join spending
        on
            stretches.platform = spending.platform
            and stretches.account_id = spending.account_id
    left join rates
        on spending.currency = rates.currency
    left join {{ ref('int_series_days') }} as day
        on
            stretches.platform = day.platform
            and stretches.account_id = day.account_id
            and stretches.client_id = day.client_id
            and stretches.date = day.date
    group by stretches.cause, stretches.platform, stretches.scope, stretches.stretch
)

select
    md5(concat_ws('|', cause, platform, scope, from_date)) as incident_id,
    cause,
    rule,
    severity,
    platform,
    clients,
    account_days,
    days_open,
    from_date,
    to_date,
    opened_at,
    last_seen_at,
    resolved_at,
    affected_spend_pln::decimal(18, 2) as affected_spend_pln,
    format(
        '{} of {} clients, {} to {}, {} account-days: {}',
        replace(cause, '_', ' '), len(clients), from_date, to_date, account_days,
        reason
    ) as message,
    reason,
    case
        when cause in ('auth', 'permission') then 'make doctor'
        -- Collected again, what the agency's file contradicts would be the same.
        when platform = '' or not blocks or rule = 'registered'
            then 'read docs/runbooks/' || rule || '.md'
        when len(clients) > 1 then 'make run'
        else format(
            'make backfill CLIENT={} PLATFORM={} FROM={} TO={}',
            clients[1], platform, from_date, to_date
        )
    end as command
from incidents
