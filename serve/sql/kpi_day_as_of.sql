-- Daily figures as readers had them at an instant: one row per client, platform and day
-- that was shown then. A day that had been taken back is a row without figures, with
-- its reason. The run is the one that showed them. Bound: clients, platforms, first,
-- last, as_of.
select
    *,
    if(gap_reason is null, 'whole', 'withheld') as status,
    gap_reason as reason,
    null::double as quality_score,
    null::varchar as data_source,
    null::timestamptz as collected_at,
    null::timestamptz as confirmed_at
from marts.kpi_history
where
    shown_from <= $as_of
    and (shown_until is null or shown_until > $as_of)
    and date between $first and $last
    and client_id in (select unnest($clients))
    and platform in (select unnest($platforms))
order by client_id, platform, date
limit $most
