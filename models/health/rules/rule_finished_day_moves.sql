-- A finished day that lost figures, or gained more than platforms restate: one row per
-- version and metric, beside the settled version before it.
with changed_days as (
    select
        platform,
        account_id,
        date
    from {{ ref('int_versions') }}
    where not is_current
),

versions as (
    select
        version.*,
        facts.spend,
        facts.impressions,
        lag(version.version_id) over versions_of_day as previous_id,
        lag(coalesce(facts.spend, 0)) over versions_of_day as previous_spend,
        lag(coalesce(facts.impressions, 0)) over versions_of_day
            as previous_impressions,
        lag(version.maturity) over versions_of_day as previous_maturity
    from {{ ref('int_versions') }} as version
    -- Most days have one version: only the others are put in order.
    semi join changed_days
        on
            version.platform = changed_days.platform
            and version.account_id = changed_days.account_id
            and version.date = changed_days.date
    left join {{ ref('int_version_facts') }} as facts
        on version.version_id = facts.version_id
    where version.is_settled
    window versions_of_day as (
        partition by version.platform, version.account_id, version.date
        order by version.started_at, version.run_id
    )
),

changes as (
    select
        *,
        unnest([
            {
                'metric': 'spend', 'before': previous_spend::double,
                'after': coalesce(spend, 0)::double
            },
            {
                'metric': 'impressions', 'before': previous_impressions::double,
                'after': coalesce(impressions, 0)::double
            }
        ], recursive := true)
    from versions
    where previous_id is not null and previous_maturity <> 'final'
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
