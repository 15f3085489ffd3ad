-- The last ninety days of the agency: one row per date, with its score and how many of
-- the clients that were expected were whole.
with clients as (
    select
        client_id,
        date,
        bool_and(status = 'whole' or waived) as is_whole
    from health.account_days
    where status <> 'not_expected'
    group by all
),

days as (
    select
        date,
        count(*) as expected,
        count(*) filter (where is_whole) as whole
    from clients
    group by date
)

select
    days.date::varchar as date,
    round(scores.score, 2) as score,
    days.whole,
    days.expected
from days
left join health.scores as scores
    on days.date = scores.date and scores.client_id = ''
where days.date > (select max(date) - 90 from days)
order by days.date
