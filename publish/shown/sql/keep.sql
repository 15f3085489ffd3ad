-- The rows of one table that the ledger does not have yet.
insert into journal.$ledger by name
select * exclude ($derived)
from release.marts.$history
where
    publication > (
        select coalesce(max(known.publication), 0) from journal.publications as known
    );
