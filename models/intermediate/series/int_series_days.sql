-- An account's own history: one row per closed day of the expected calendar, with the
-- figures of the latest settled version that no rule about single versions blocks; NULL
-- where there is none. A hash says when a day, or one that it is judged by, is another.
with latest as (
    select
        version.version_id,
        version.platform,
        version.account_id,
        version.date,
        version.currency,
        version.told_measures,
        version.started_at,
        coalesce(violating.is_odd, false) as is_odd
    from {{ ref('int_versions') }} as version
    left join {{ ref('int_violating_versions') }} as violating
        on version.version_id = violating.version_id
    where
        version.is_due and version.is_settled
        and not coalesce(violating.is_blocked, false)
    qualify row_number() over (
        partition by version.platform, version.account_id, version.date
        order by version.started_at desc, version.run_id desc
    ) = 1
),

conversions as (
    select
        version_id,
        sum(conversions) as conversions,
        sum(conversions) filter (where kpi = 'click_to_call') as click_to_call,
        sum(conversions) filter (where kpi = 'email_contacts') as email_contacts,
        sum(conversions) filter (where kpi = 'reservations') as reservations,
        sum(conversion_value) filter (where kpi = 'reservations') as reservation_value
    from {{ ref('int_conversions_mapped') }}
    -- KPIs of the agency's own are not pooled with these: they count anything.
    where kpi in ('click_to_call', 'email_contacts', 'reservations')
    group by version_id
),

days as (
    select
        calendar.client_id,
        calendar.platform,
        calendar.account_id,
        calendar.date,
        coalesce(latest.currency, calendar.currency) as currency,
        latest.version_id,
        latest.started_at,
        latest.is_odd,
        setting.parameters['min_days'] as min_days,
        setting.parameters['dispersion'] as dispersion,
        setting.parameters['spread'] as spread,
        if(latest.version_id is null, null, coalesce(facts.campaigns, 0))::double
            as campaigns,
        {% for measure in ('spend', 'impressions', 'clicks') -%}
            coalesce(
                facts.{{ measure }}, {{ zero_if_told({'name': measure}, 'latest') }}
            )::double as {{ measure }},
        {% endfor -%}
        {% for measure in (
            'conversions', 'click_to_call', 'email_contacts', 'reservations',
            'reservation_value'
        ) -%}
            if(latest.version_id is null, null, coalesce(counted.{{ measure }}, 0))
            ::double as {{ measure }},
        {% endfor -%}
        facts.figures,
        facts.counts,
        facts.count_factor,
        facts.amounts,
        facts.amount_factor
    from {{ ref('int_calendar') }} as calendar
    inner join {{ ref('int_rules') }} as setting
        on calendar.client_id = setting.client_id and setting.rule = 'series'
    left join latest
        on
            calendar.platform = latest.platform
            and calendar.account_id = latest.account_id
            and calendar.date = latest.date
    left join {{ ref('int_version_facts') }} as facts
        on latest.version_id = facts.version_id
    left join conversions as counted
        on latest.version_id = counted.version_id
    where calendar.is_due
),

day_hashes as (
    select
        platform,
        account_id,
        date,
        hash(days) as day_hash
    from days
),

-- A baseline begins 83 days before its day at most, and takes only days that fit to the
-- 42 before them.
histories as (
    select
        platform,
        account_id,
        date,
        hash(sum(day_hash) over (
            partition by platform, account_id order by date
            rows between 125 preceding and current row
        )) as history_hash
    from day_hashes
)

select
    days.*,
    histories.history_hash
from days
inner join histories
    on
        days.platform = histories.platform
        and days.account_id = histories.account_id
        and days.date = histories.date
