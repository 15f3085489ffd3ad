-- Findings by their root cause: one row per outage of a platform, or per stretch of
-- days with what a rule found, however many clients and days it struck.
with incident_days as (
    select * from {{ ref('int_incident_days') }}
),

spending as (
    select
        client_id,
        platform,
        account_id,
        arg_max(currency, date) as currency,
        median(spend) filter (where spend > 0) as usual_spend
    from {{ ref('int_series_days') }}
    group by client_id, platform, account_id
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
        struck.incident_id,
        struck.cause,
        struck.platform,
        arg_min(struck.rule, (struck.date, struck.rule)) as rule,
        {{ var('severities') }}[
            min(list_position(
                {{ var('severities') }}, struck.severity
            ))
        ] as severity,
        list(distinct struck.client_id order by struck.client_id) as clients,
        count(*) as account_days,
        count(*) filter (where struck.resolved_at is null) as days_open,
        min(struck.date) as from_date,
        max(struck.date) as to_date,
        min(struck.opened_at) as opened_at,
        max(struck.last_seen_at) as last_seen_at,
        case
            when count(*) filter (where struck.resolved_at is null) = 0
                then max(struck.resolved_at)
        end as resolved_at,
        sum(coalesce(
            case when struck.blocks = 'no' then day.spend end, spending.usual_spend
        ) * rates.pln) as affected_spend_pln,
        arg_max(
            struck.message,
            (
                struck.resolved_at is null, struck.was_asked,
                struck.date, struck.message
            )
        ) as reason,
        bool_or(struck.blocks = 'day') as blocks
    from incident_days as struck
    left join spending
        on
            struck.client_id = spending.client_id
            and struck.platform = spending.platform
            and struck.account_id = spending.account_id
    left join rates
        on spending.currency = rates.currency
    left join {{ ref('int_series_days') }} as day
        on
            struck.platform = day.platform
            and struck.account_id = day.account_id
            and struck.client_id = day.client_id
            and struck.date = day.date
    group by struck.incident_id, struck.cause, struck.platform
)

select
    incident_id,
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
