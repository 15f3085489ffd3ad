-- Weekly figures: one row per client, platform and week that shares a day with the days
-- asked for. Bound: clients, platforms, first, last.
select *
from marts.weekly_kpi
where
    week_start between date_trunc('week', $first::date) and $last
    and client_id in (select unnest($clients))
    and platform in (select unnest($platforms))
order by client_id, platform, week_start
limit $most
