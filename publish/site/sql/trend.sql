-- The last ninety days of the agency: one row per date, with its score and how many of
-- the clients that were expected were whole.
select
    date::varchar as date,
    round(score, 2) as score,
    clients_whole,
    clients_expected
from reports.agency_days
order by reports.agency_days.date
