-- Daily figures of the clients, platforms and days asked for: one row per client,
-- platform and expected day. A day that is not whole is a row without figures, with its
-- reason. Bound: clients, platforms, first, last.
with days as (
    select
        *,
        'whole' as status
    from marts.daily_kpi
    union all by name
    select
        client_id,
        platform,
        date,
        status,
        reason
    from reports.withheld_days
)

select *
from days
where
    date between $first and $last
    and client_id in (select unnest($clients))
    and platform in (select unnest($platforms))
order by client_id, platform, date
limit $most
