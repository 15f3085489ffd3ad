-- The agency's last closed days: one row per date, with its score and how many of the
-- clients that were expected were whole. A waived day hurts no client.
{%- set shown_days = 90 %}

with days as (
    select
        client_id,
        date,
        bool_and(status = 'whole' or waived) as is_whole
    from {{ ref('account_days') }}
    where
        status <> 'not_expected'
        and date > (
            select max(date) - {{ shown_days }}
            from {{ ref('account_days') }}
            where status <> 'not_expected'
        )
    group by client_id, date
)

select
    days.date,
    any_value(scores.score) as score,
    count(*) filter (where days.is_whole) as clients_whole,
    count(*) as clients_expected
from days
left join {{ ref('scores') }} as scores
    on days.date = scores.date and scores.client_id = ''
group by days.date
