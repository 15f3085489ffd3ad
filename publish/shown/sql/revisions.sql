-- The revisions of closed months, from the ledger alone.
create or replace table marts.$history as
select $figures
from marts.$mart
where false
union all by name
select
    kept.*,
    known.published_at as closed_at,
    known.run_id,
    lead(kept.revision) over (
        partition by $keys order by kept.revision
    ) is null as is_current
from landing.journal.$ledger as kept
inner join landing.journal.publications as known
    on kept.publication = known.publication;

comment on table marts.$history is
'One row per month of a client and platform and revision: the row that readers had.';
