-- Monthly figures: one row per client, platform and month that shares a day with the
-- days asked for. Bound: clients, platforms, first, last.
select *
from marts.monthly_kpi
where
    month between date_trunc('month', $first::date) and $last
    and client_id in (select unnest($clients))
    and platform in (select unnest($platforms))
order by client_id, platform, month
limit $most
