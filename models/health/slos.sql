-- Checks as service levels: one row per check that has a target, with what is left of
-- its error budget. Waived days are in no budget.
{%- set targets = {
    'todayCollection': 'today_collection',
    'lastMonth': 'last_month',
    'splitData': 'split_data',
    'missingDays': 'missing_days',
    'completeness': 'completeness',
    'reconciliation': 'reconciliation',
    'freshness': 'freshness',
    'collectionSuccess': 'collection_success',
    'healing': 'healing_success',
    'quality': 'quality',
    'reuse': 'reuse',
} %}

with settings as (
    select
        rule,
        coalesce(parameters['percent'], 100) as target,
        coalesce(parameters['days'], 7)::integer as days
    from {{ ref('int_rules') }}
    where client_id = ''
),

days as (
    select
        *,
        last_closed_date - date as age
    from {{ ref('int_account_days') }}
    where is_due and status <> 'not_expected' and not waived
),

of_days as (
    select
        settings.rule,
        count(*) filter (
            where case settings.rule
                when 'split_data' then days.status <> 'split'
                when 'reconciliation' then days.status <> 'unreconciled'
                else days.status = 'whole'
            end
        )::double as good,
        count(*)::double as total
    from days
    inner join settings
        on
            settings.rule in (
                'split_data', 'missing_days', 'completeness', 'reconciliation'
            )
            and days.age < settings.days
    group by settings.rule
),

-- These checks count, and say so in what they observe and expect.
of_clients as (
    select
        case name
            when 'todayCollection' then 'today_collection'
            else 'last_month'
        end as rule,
        observed::double as good,
        expected::double as total
    from {{ ref('checks') }}
    where name in ('todayCollection', 'lastMonth')
),

of_details as (
    select
        case name
            when 'collectionSuccess' then 'collection_success'
            when 'healing' then 'healing_success'
            else name
        end as rule,
        coalesce(details ->> 'good', details ->> 'collected')::double as good,
        coalesce(details ->> 'total', details ->> 'tried')::double as total
    from {{ ref('checks') }}
    where name in ('freshness', 'collectionSuccess', 'healing', 'quality', 'reuse')
),

levels as (
    select * from of_days
    union all
    select * from of_clients
    union all
    select * from of_details
),

names (name, rule) as (
    values
    {% for name, rule in targets.items() -%}
        ('{{ name }}', '{{ rule }}'){{ ',' if not loop.last }}
    {% endfor %}
),

slos as (
    select
        names.name,
        settings.target,
        coalesce(levels.good, 0) as good,
        coalesce(levels.total, 0) as total,
        coalesce(round({{ percent('levels.good', 'levels.total') }}, 3), 100)
            as observed,
        coalesce(levels.total, 0) * (100 - settings.target) / 100 as budget,
        checks.status
    from names
    inner join settings
        on names.rule = settings.rule
    inner join {{ ref('checks') }} as checks
        on names.name = checks.name
    left join levels
        on names.rule = levels.rule
)

select
    name,
    target::double as target,
    observed::double as observed,
    good::double as good,
    total::double as total,
    round(budget, 3)::double as budget,
    -- A target of 100 % has no budget: it is all there, or overdrawn by what is bad.
    round(
        case
            when budget > 0 then 1 - (total - good) / budget
            else 1 - (total - good)
        end,
        3
    )::double as budget_left,
    status
from slos
