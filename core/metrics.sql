-- What a release says to Prometheus: one row per metric with its samples. What the gate
-- decides is added here, since it is written down after the build.
with samples as (
    select
        name,
        help,
        labels,
        value
    from reports.prometheus_samples
    union all
    select
        'wholeday_run_duration_seconds' as name,
        'Time from the beginning of that run to the gate''s decision.' as help,
        map { } as labels,
        epoch(run.published_at) - epoch(run.started_at) as value
    from health.runs as run
    inner join staging.stg_run as own
        on run.run_id = own.run_id
    where run.published_at is not null
    union all
    select
        'wholeday_runs' as name,
        'Runs that are known, by the gate''s verdict.' as help,
        map { 'verdict': coalesce(verdict, 'none') } as labels,
        count(*) as value
    from health.runs
    group by verdict
)

select
    name,
    any_value(help) as help,
    list({ 'labels': labels, 'value': value } order by labels::varchar) as samples
from samples
group by name
order by name
