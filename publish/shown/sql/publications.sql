-- The publications, from the ledger alone.
create or replace table marts.publications as
select
    publication,
    run_id,
    lag(run_id) over (order by publication) as previous_run_id,
    kind,
    published_at as shown_from,
    lead(published_at) over (order by publication) as shown_until
from landing.journal.publications;

comment on table marts.publications is
'What readers had, and when: one row per publication; a rollback is one too.';
