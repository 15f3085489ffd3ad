-- A finished day that lost figures, or gained more than platforms restate: one row per
-- version and metric, beside the settled version before it.
with changes as (
    select
        *,
        unnest([
            {
                'metric': 'spend', 'before': previous_spend::double,
                'after': spend::double
            },
            {
                'metric': 'impressions', 'before': previous_impressions::double,
                'after': impressions::double
            }
        ], recursive := true)
    from {{ ref('int_successive_versions') }}
    where previous_maturity <> 'final'
)

select
    'finished_day_moves' as rule,
    changes.version_id,
    changes.client_id,
    changes.platform,
    changes.account_id,
    null::varchar as campaign_id,
    changes.date,
    changes.metric,
    changes.after::varchar as observed,
    'about ' || changes.before as expected,
    format(
        '{} of the finished day went from {:.2f} to {:.2f}',
        changes.metric, changes.before, changes.after
    ) as message
from changes
inner join {{ ref('int_rules') }} as setting
    on changes.client_id = setting.client_id and setting.rule = 'finished_day_moves'
where
    changes.started_at
    > (select run.as_of from {{ ref('stg_run') }} as run)
    - to_days(setting.parameters['days']::integer)
    and greatest(changes.before, changes.after) >= setting.parameters['min_figure']
    and (
        100 * changes.after
        < changes.before * (100 - setting.parameters['loss_percent'])
        or 100 * changes.after
        > changes.before * (100 + setting.parameters['gain_percent'])
    )
