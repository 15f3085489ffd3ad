-- What struck account-days, open or over: one row per account-day and client, with
-- the incident it belongs to. Trouble of a platform is the incident of its outage; what
-- a rule found is one of the account, or of the platform if it began with three clients
-- on one day.
{{ config(materialized='ephemeral') }}
{#- Clients that begin together make it a matter of the platform. -#}
{%- set wide_clients = 3 %}
{#- Days of peace that end a stretch of what a rule found. -#}
{%- set peace_days = 3 %}
{#- Findings about days without an answer: the attempts say why there is none. -#}
{%- set unanswered = "'missing_days', 'answers_present', 'settled'" %}

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
        coalesce(struck.was_asked, true) as was_asked,
        finding.first_seen_at as opened_at,
        run.as_of as last_seen_at,
        null::timestamptz as resolved_at,
        -- What an answer holds is a rule's to say, unless it is the silence of all.
        finding.version_id is null and finding.rule in ({{ unanswered }})
        or finding.rule = 'suspect_empty' and struck.rule = 'suspect_empty'
            as hangs_on_outage,
        if(hangs_on_outage, struck.outage_id, null) as outage_id,
        if(hangs_on_outage, struck.outage_cause, null) as outage_cause,
        if(hangs_on_outage, struck.outage_opened_at, null) as outage_opened_at
    from {{ ref('findings') }} as finding
    cross join {{ ref('stg_run') }} as run
    left join {{ ref('int_struck_days') }} as struck
        on
            finding.platform = struck.platform
            and finding.account_id = struck.account_id
            and finding.client_id = struck.client_id
            and finding.date = struck.date
    where finding.mode = 'live' and not finding.waived
),

-- While the days of an account hang on an outage, that its login is refused, or that
-- older days were seen to be empty, is the same trouble.
outage_accounts as (
    select distinct
        platform,
        account_id
    from open_days
    where outage_id is not null
),

told_days as (
    select * exclude (hangs_on_outage)
    from open_days
    where
        rule not in ('access_lost', 'last_look_contradicts')
        or (platform, account_id) not in (
            select (told.platform, told.account_id)
            from outage_accounts as told
        )
),

healed_days as (
    select
        struck.client_id,
        struck.platform,
        struck.account_id,
        struck.date,
        struck.rule,
        setting.severity,
        setting.blocks,
        coalesce(struck.message, struck.rule) as message,
        struck.was_asked,
        struck.first_failed_at as opened_at,
        struck.last_failed_at as last_seen_at,
        struck.healed_at as resolved_at,
        struck.outage_id,
        struck.outage_cause,
        struck.outage_opened_at
    from {{ ref('int_struck_days') }} as struck
    inner join {{ ref('int_rules') }} as setting
        on struck.rule = setting.rule and struck.client_id = setting.client_id
    where struck.healed_at is not null
),

-- One cause per account-day: what blocks it comes before what is only odd.
struck_days as (
    select
        *,
        coalesce(outage_cause, rule) as cause
    from (
        select * from told_days
        union all
        select * from healed_days
    ) as found
    qualify row_number() over (
        partition by platform, account_id, client_id, date
        order by
            resolved_at is null desc,
            blocks = 'day' desc,
            list_position({{ var('severities') }}, severity) asc,
            rule asc,
            message asc
    ) = 1
),

pauses as (
    select
        *,
        coalesce(date - lag(date) over account > {{ peace_days }}, true) as is_new
    from struck_days
    where outage_id is null
    window account as (
        partition by cause, platform, account_id, client_id order by date
    )
),

numbered as (
    select
        *,
        sum(is_new::integer) over (
            partition by cause, platform, account_id, client_id order by date
        ) as stretch
    from pauses
),

stretches as (
    select
        * exclude (is_new, stretch),
        min(date) over (
            partition by cause, platform, account_id, client_id, stretch
        ) as first_date
    from numbered
),

wide as (
    select
        cause,
        platform,
        first_date
    from stretches
    group by all
    having count(distinct client_id) >= {{ wide_clients }}
),

of_rules as (
    select
        stretches.* exclude (first_date),
        md5(concat_ws(
            '|', stretches.cause, stretches.platform,
            if(wide.cause is null, stretches.account_id, ''), stretches.first_date
        )) as incident_id
    from stretches
    left join wide
        on
            stretches.cause = wide.cause
            and stretches.platform = wide.platform
            and stretches.first_date = wide.first_date
),

of_outages as (
    select
        * replace (outage_opened_at as opened_at),
        outage_id as incident_id
    from struck_days
    where outage_id is not null
),

incident_days as (
    select * from of_rules
    union all by name
    select * from of_outages
)

select * exclude (outage_id, outage_cause, outage_opened_at)
from incident_days
