-- Monthly figures as readers had them at an instant: one row per client, platform and
-- month that was shown then. Bound: clients, platforms, first, last, as_of.
select *
from marts.monthly_history
where
    gap_reason is null
    and shown_from <= $as_of
    and (shown_until is null or shown_until > $as_of)
    and month between date_trunc('month', $first::date) and $last
    and client_id in (select unnest($clients))
    and platform in (select unnest($platforms))
order by client_id, platform, month
limit $most
