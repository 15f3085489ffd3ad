-- Share of account-days of the last 30 days that are whole: one row, with the clients
-- below their own target over that time and over the last week.
{%- set spans = ['days', 'short_days'] %}
{# Names that a sentence holds; the details have them all. -#}
{% set named = 5 %}

with settings as (
    select
        parameters['percent'] as target,
        parameters['days']::integer as days,
        coalesce(parameters['short_days'], 7)::integer as short_days
    from {{ ref('int_rules') }}
    where client_id = '' and rule = 'completeness'
),

days as (
    select
        day.client_id,
        day.status = 'whole' as is_whole,
        day.last_closed_date - day.date as age
    from {{ ref('int_account_days') }} as day
    where day.is_due and day.status <> 'not_expected' and not day.waived
),

clients as (
    select
        days.client_id,
        settings.target,
        {% for span in spans -%}
            count(*) filter (where days.age < settings.{{ span }})
                as expected_{{ span }},
            count(*) filter (where days.is_whole and days.age < settings.{{ span }})
                as whole_{{ span }},
            {{ percent('whole_' ~ span, 'expected_' ~ span) }} as share_{{ span }},
        {% endfor -%}
        coalesce(client.completeness_target, settings.target) as own_target
    from days
    cross join settings
    inner join {{ ref('stg_agency__clients') }} as client
        on days.client_id = client.client_id
    group by all
),

counted as (
    select
        coalesce(round({{ percent('sum(whole_days)', 'sum(expected_days)') }}, 3), 100)
            as completeness,
        coalesce(max(target), 100) as target,
        {% for span in spans -%}
            coalesce(list(
                {
                    'client': client_id, 'completeness': round(share_{{ span }}, 2),
                    'target': own_target
                }
                order by share_{{ span }}, client_id
            ) filter (where share_{{ span }} < own_target), []) as below_{{ span }},
            concat_ws(
                ', ',
                array_to_string(list_transform(
                    below_{{ span }}[:{{ named }}], lambda below: below.client
                ), ', '),
                if(
                    len(below_{{ span }}) > {{ named }},
                    format('{} more', len(below_{{ span }}) - {{ named }}), null
                )
            ) as names_{{ span }},
        {% endfor -%}
        (select settings.days from settings) as days,
        (select settings.short_days from settings) as short_days
    from clients
)

select
    'completeness' as name,
    case
        when completeness < target then 'fail'
        when len(below_days) + len(below_short_days) > 0 then 'warn'
        else 'pass'
    end as status,
    completeness::varchar as observed,
    target::varchar as expected,
    format(
        '{} % of the account-days of the last {} days are whole', completeness, days
    )
    {%- for span in spans %}
        || if(
            len(below_{{ span }}) > 0,
            format(
                '; below their target over {} days: {}', {{ span }}, names_{{ span }}
            ),
            ''
        )
    {%- endfor %} as message,
    to_json({
        'completeness': completeness, 'target': target, 'belowTarget': below_days,
        'shortDays': short_days, 'belowTargetShort': below_short_days
    }) as details
from counted
