-- Looks at answers without delivery: one row per empty version and collection after its
-- day that saw it. A run in which every account that should deliver is silent, and more
-- than one should, is an outage of the platform; its looks are no evidence.
with looks as (
    select
        version_id,
        run_id,
        started_at
    from {{ ref('int_versions') }}
    union all
    select
        version_id,
        run_id,
        started_at
    from {{ ref('stg_ledger__sightings') }}
    where finished_at <= (select as_of from {{ ref('stg_run') }})
),

empty_looks as (
    select
        empty_version.version_id,
        looks.run_id,
        looks.started_at,
        empty_version.platform,
        empty_version.account_id,
        empty_version.date,
        empty_version.had_delivery
        or empty_version.enabled_campaigns > 0
        or empty_version.never_delivered as is_at_stake
    from {{ ref('int_empty_versions') }} as empty_version
    inner join looks
        on empty_version.version_id = looks.version_id
    where looks.started_at >= empty_version.due_at
),

-- The platform was alive, in a run, up to the newest day that any account delivered on.
delivered as (
    select
        looks.run_id,
        version.platform,
        max(version.date) as last_date
    from looks
    inner join {{ ref('int_versions') }} as version
        on looks.version_id = version.version_id
    where
        version.delivery_rows > 0
        and version.version_id not in (
            select empty_version.version_id
            from {{ ref('int_empty_versions') }} as empty_version
        )
        and looks.run_id in (
            select at_stake.run_id
            from empty_looks as at_stake
            where at_stake.is_at_stake
        )
    group by all
),

outages as (
    select
        empty_look.run_id,
        empty_look.platform,
        any_value(delivered.last_date) as silent_after
    from empty_looks as empty_look
    left join delivered
        on
            empty_look.run_id = delivered.run_id
            and empty_look.platform = delivered.platform
    where
        empty_look.is_at_stake
        and empty_look.date > coalesce(delivered.last_date, empty_look.date - 1)
    group by all
    having count(distinct empty_look.account_id) > 1
),

judged as (
    select
        empty_look.version_id,
        empty_look.run_id,
        empty_look.started_at,
        outages.run_id is not null as is_outage
    from empty_looks as empty_look
    left join outages
        on
            empty_look.run_id = outages.run_id
            and empty_look.platform = outages.platform
            and empty_look.date > coalesce(outages.silent_after, empty_look.date - 1)
)

select * from judged
