-- The history of one mart, from the ledger alone. Its columns are those of the mart,
-- and those that only earlier releases had.
create or replace table marts.$history as
select $figures
from marts.$mart
where false
union all by name
select
    kept.*,
    known.run_id,
    known.published_at as shown_from,
    lead(known.published_at) over (
        partition by $keys order by kept.publication
    ) as shown_until
from landing.journal.$ledger as kept
inner join landing.journal.publications as known
    on kept.publication = known.publication;

comment on table marts.$history is
'One row per publication in which what was shown of a row of the mart changed.';

create or replace macro marts.$as_of(instant) as table
    select * exclude (gap_reason, publication, run_id, shown_from, shown_until)
    from marts.$history
    where
        gap_reason is null
        and shown_from <= instant::timestamptz
        and (shown_until is null or shown_until > instant::timestamptz);
