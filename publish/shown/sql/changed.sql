-- What the mart of this file changes for readers, in the history of the mart. A day
-- that does not change has no row.
create or replace temp table before as
select * exclude (gap_reason, publication, run_id, shown_from, shown_until)
from marts.$history
where shown_until is null and gap_reason is null;

create or replace temp table after as
select *
from before
where false
union all by name
select $figures
from marts.$mart;

create or replace temp table changed as
with differing as (
    select * from after
    except
    select * from before
)

select
    *,
    null::varchar as gap_reason
from differing
union all by name
select
    $identity,
    case
        when getvariable('kind') = 'rollback'
            then 'the release that is shown again does not have it'
        else coalesce($reason, 'no longer expected: the agency''s files changed')
    end as gap_reason
from before
where ($keys) not in (select ($keys) from after);

update marts.$history
set shown_until = getvariable('published_at')::timestamptz
where shown_until is null and ($keys) in (select ($keys) from changed);

insert into marts.$history by name
select
    *,
    getvariable('publication')::integer as publication,
    getvariable('run_id') as run_id,
    getvariable('published_at')::timestamptz as shown_from
from changed;
