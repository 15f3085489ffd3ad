-- What conversion actions were called: one row per account, action and name; one
-- without a name for an action that has none but its id. A name ends only when a later
-- collection tells another one.
with counted as (
    select
        version.platform,
        version.account_id,
        fact.action_id,
        nullif(fact.action_type, fact.action_id) as name,
        min(version.started_at) as first_told_at
    from {{ ref('int_conversions') }} as fact
    inner join {{ ref('int_versions') }} as version
        on fact.version_id = version.version_id
    group by all
),

names as (
    select
        platform,
        account_id,
        action_id,
        name,
        min(first_told_at) as first_told_at
    from (
        select * from counted
        union all
        select
            platform,
            account_id,
            action_id,
            name,
            seen_at as first_told_at
        from {{ ref('stg_ledger__actions') }}
    )
    group by all
),

renamed as (
    select
        platform,
        account_id,
        action_id
    from names
    where name is not null
    group by all
    having count(*) > 1
),

-- Few actions are ever renamed: only of these is it looked up who said what when.
tellings as (
    select
        version.platform,
        version.account_id,
        fact.action_id,
        fact.action_type as name,
        unnest([version.started_at, version.last_seen_at]) as told_at
    from {{ ref('int_conversions') }} as fact
    inner join {{ ref('int_versions') }} as version
        on fact.version_id = version.version_id
    inner join renamed
        on
            version.platform = renamed.platform
            and version.account_id = renamed.account_id
            and fact.action_id = renamed.action_id
    where fact.action_type <> fact.action_id
    union
    select
        listed.platform,
        listed.account_id,
        listed.action_id,
        listed.name,
        listed.seen_at as told_at
    from {{ ref('stg_ledger__actions') }} as listed
    inner join renamed
        on
            listed.platform = renamed.platform
            and listed.account_id = renamed.account_id
            and listed.action_id = renamed.action_id
    where listed.name is not null
),

followed as (
    select
        *,
        lead(name) over action as next_name,
        lead(told_at) over action as next_told_at
    from tellings
    window action as (
        partition by platform, account_id, action_id order by told_at, name
    )
),

ends as (
    select
        platform,
        account_id,
        action_id,
        name,
        max(next_told_at) as ended_at,
        bool_or(next_name is null) as is_last
    from followed
    where next_name is distinct from name
    group by all
),

numbered as (
    select
        names.*,
        if(ends.is_last, null, ends.ended_at) as ended_at,
        coalesce(ends.is_last, true) as is_current,
        row_number() over (
            partition by names.platform, names.account_id, names.action_id
            order by names.name is null, names.first_told_at, names.name
        ) as number
    from names
    left join ends
        on
            names.platform = ends.platform
            and names.account_id = ends.account_id
            and names.action_id = ends.action_id
            and names.name = ends.name
)

select
    * exclude (number),
    number = 1 as is_first,
    -- Letters' case and spaces are no fact.
    lower(trim(regexp_replace(nfc_normalize(name), '\s+', ' ', 'g'))) as name_key
from numbered
where number = 1 or name is not null
