-- Daily figures of the clients, platforms and days asked for: one row per client,
-- platform and expected day. A day that is not whole is a row without figures, with its
-- reason. Bound: clients, platforms, first, last.
with days as (
    select
        client_id,
        platform,
        date,
        arg_max(status, (status <> 'whole', account_id)) as status,
        arg_max(coalesce(reason, ''), (status <> 'whole', account_id)) as reason
    from health.account_days
    where
        date between $first and $last
        and client_id in (select unnest($clients))
        and platform in (select unnest($platforms))
        and status <> 'not_expected'
    group by all
)

select
    days.client_id,
    days.platform,
    days.date,
    days.status,
    nullif(days.reason, '') as reason,
    kpi.* exclude (client_id, platform, date)
from days
left join marts.daily_kpi as kpi
    on
        days.client_id = kpi.client_id
        and days.platform = kpi.platform
        and days.date = kpi.date
order by days.client_id, days.platform, days.date
limit $most
