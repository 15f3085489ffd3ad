-- What the platforms changed of the last six weeks: one row per date and metric, with
-- the changes by their age.
select
    date::varchar as date,
    metric,
    map_from_entries(list(
        { 'k': days_after, 'v': change } order by days_after
    )) as changes,
    any_value(first_total) as first_total
from reports.restated_days
where date > (select max(account_day.date) - 42 from health.account_days as account_day)
group by all
order by date desc, metric asc
