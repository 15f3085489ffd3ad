-- Files that did not come by their time, and files that cannot be read: one row per
-- account that waits for one, and one per refused file.
with accounts as (
    select
        registered.client_id,
        registered.account_id,
        registered.timezone,
        registered.started_on,
        file.expected_weekday,
        coalesce(file.expected_hour, 0) as expected_hour,
        file.expected_weekday is not null or file.expected_hour is not null
            as is_expected,
        file.refused,
        run.as_of,
        timezone(registered.timezone, run.as_of)::date as today
    from {{ ref('stg_agency__accounts') }} as registered
    inner join {{ ref('stg_files__accounts') }} as file
        on registered.account_id = file.account_id
    cross join {{ ref('stg_run') }} as run
    where
        registered.platform = 'files'
        and today between registered.started_on
        and coalesce(registered.ended_on, date '9999-12-31') + 7
),

told as (
    select
        account_id,
        max(date) as last_told
    from {{ ref('int_versions') }}
    where platform = 'files'
    group by account_id
),

-- The first file that should have told the day after the last one that was told.
expected as (
    select
        accounts.*,
        coalesce(told.last_told, accounts.started_on - 1)::date as last_told,
        (last_told + 2)::date as earliest,
        (
            earliest + if(
                expected_weekday is null,
                0, (expected_weekday - isodow(earliest)::integer + 7) % 7
            )
        )::date as expected_on,
        timezone(
            timezone, expected_on::timestamp + to_hours(expected_hour::integer)
        ) as expected_at
    from accounts
    left join told
        on accounts.account_id = told.account_id
    where accounts.is_expected
),

late as (
    select
        *,
        date_diff('hour', expected_at, as_of) as hours,
        if(
            hours < 48,
            hours || ' hours', (hours // 24) || ' days'
        ) as age
    from expected
    where expected_at <= as_of
),

refused as (
    select
        * exclude (refused),
        unnest(refused) as file
    from accounts
)

select
    'inbox' as rule,
    null::varchar as version_id,
    client_id,
    'files' as platform,
    account_id,
    null::varchar as campaign_id,
    expected_on as date,
    'expected file' as metric,
    'none for ' || age as observed,
    strftime(expected_at, 'a file by %Y-%m-%d %H:%M UTC') as expected,
    format(
        'the file expected by {} did not come, {} ago; inbox/{} tells no day after {}',
        strftime(expected_at, '%Y-%m-%d %H:%M UTC'), age, account_id, last_told
    ) as message
from late
union all
select
    'inbox' as rule,
    null::varchar as version_id,
    client_id,
    'files' as platform,
    account_id,
    null::varchar as campaign_id,
    file.since::date as date,
    file.name as metric,
    file.problem as observed,
    'a file that can be read as files.csv declares it' as expected,
    format(
        'inbox/{}/{} is not read: {}; days that were whole stay as they are',
        account_id, file.name, file.problem
    ) as message
from refused
