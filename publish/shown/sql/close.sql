-- The months that this publication closes, as readers get them with it: saved when the
-- month is over and every expected day is whole, final when no platform can restate it
-- any more. A rollback closes none.
create or replace temp table closing as
with closable as (
    select
        month.*,
        1 as step,
        'saved' as kind
    from marts.$mart as month
    where month.status = 'complete'
    union all
    select
        month.*,
        2 as step,
        'final' as kind
    from marts.$mart as month
    where month.status = 'complete' and month.maturity = 'final'
),

open as (
    select *
    from closable
    where
        ($keys, kind) not in (select ($keys, kind) from marts.$history)
        and getvariable('kind') <> 'rollback'
),

closed as (
    select
        $keys,
        max(revision) as revision
    from marts.$history
    group by all
)

select
    open.* exclude (step),
    coalesce(closed.revision, 0)
    + row_number() over (
        partition by open.client_id, open.platform, open.currency, open.month
        order by open.step
    ) as revision
from open
left join closed
    on
        open.client_id = closed.client_id
        and open.platform = closed.platform
        and open.currency = closed.currency
        and open.month = closed.month;

update marts.$history
set is_current = false
where is_current and ($keys) in (select ($keys) from closing);

insert into marts.$history by name
select
    *,
    'run' as closed_by,
    getvariable('publication')::integer as publication,
    getvariable('run_id') as run_id,
    getvariable('published_at')::timestamptz as closed_at,
    lead(revision) over (partition by $keys order by revision) is null as is_current
from closing;
