-- Accounts that lately count conversions by another attribution setting: one row per
-- account and change, on the day of the collection that told it first. Campaigns may
-- differ in it: only a day that is told anew without a setting that it had, or a
-- setting that no day had before, is a change.
with told as (
    select
        version.platform,
        version.account_id,
        version.run_id,
        version.date,
        version.started_at,
        version.attribution_setting,
        string_split(version.attribution_setting, ',') as settings
    from {{ ref('stg_ledger__account_days') }} as version
    inner join {{ ref('stg_run') }} as run
        on
            version.finished_at <= run.as_of
            and version.started_at > run.as_of - interval 90 day
    where version.attribution_setting is not null
),

-- Most accounts tell one setting ever: only the others are put in order.
several as (
    select
        platform,
        account_id
    from told
    group by all
    having count(distinct attribution_setting) > 1
),

versions as (
    select
        told.*,
        lag(told.settings) over (
            partition by told.platform, told.account_id, told.date
            order by told.started_at, told.run_id
        ) as earlier_settings
    from told
    semi join several
        on told.platform = several.platform and told.account_id = several.account_id
),

-- Its newest day speaks for a run.
runs as (
    select
        platform,
        account_id,
        run_id,
        min(started_at) as started_at,
        arg_max(attribution_setting, date) as attribution_setting,
        arg_max(settings, date) as settings,
        coalesce(bool_or(not list_has_all(settings, earlier_settings)), false)
            as is_told_anew
    from versions
    group by platform, account_id, run_id
),

changes as (
    select
        *,
        lag(attribution_setting) over earlier as previous_setting,
        flatten(list(settings) over (
            partition by platform, account_id order by started_at, run_id
            rows between unbounded preceding and 1 preceding
        )) as known_settings
    from runs
    window earlier as (
        partition by platform, account_id order by started_at, run_id
    )
)

select
    'attribution_changed' as rule,
    null::varchar as version_id,
    day.client_id,
    changes.platform,
    changes.account_id,
    null::varchar as campaign_id,
    day.date,
    'attribution_setting' as metric,
    changes.attribution_setting as observed,
    changes.previous_setting as expected,
    format(
        'conversions are counted by {} now, before by {}: figures before and after the'
        ' change do not compare',
        changes.attribution_setting, changes.previous_setting
    ) as message
from changes
inner join {{ ref('int_calendar') }} as day
    on
        changes.platform = day.platform
        and changes.account_id = day.account_id
        and timezone(day.timezone, changes.started_at)::date = day.date
inner join {{ ref('int_rules') }} as setting
    on day.client_id = setting.client_id and setting.rule = 'attribution_changed'
inner join {{ ref('stg_run') }} as run
    on day.date >= run.as_of::date - setting.parameters['days']::integer
where
    changes.attribution_setting <> changes.previous_setting
    and (
        changes.is_told_anew
        or not list_has_any(changes.settings, changes.known_settings)
    )
