-- This publication itself.
update marts.publications
set shown_until = getvariable('published_at')::timestamptz
where shown_until is null;

insert into marts.publications by name
select
    getvariable('publication')::integer as publication,
    getvariable('run_id') as run_id,
    (select max_by(known.run_id, known.publication) from marts.publications as known)
        as previous_run_id,
    getvariable('kind') as kind,
    getvariable('published_at')::timestamptz as shown_from;
