-- Whole days whose last look contradicts the figures that are shown: one row per
-- account and broken rule, on the first of those days. Days that are waived are a row
-- of their own.
with contradicted as (
    select
        day.client_id,
        day.platform,
        day.account_id,
        day.date,
        day.contradicted_by,
        version.version_id,
        version.reason,
        {{ is_waived("'last_look_contradicts'", 'day') }} as is_excused
    from {{ ref('int_account_days') }} as day
    inner join {{ ref('int_versions_judged') }} as version
        on
            day.platform = version.platform
            and day.account_id = version.account_id
            and day.date = version.date
            and version.is_current
    where day.contradicted_by is not null
),

numbered as (
    select
        *,
        date - row_number() over (
            partition by platform, account_id, client_id, contradicted_by, is_excused
            order by date
        )::integer as stretch
    from contradicted
),

stretches as (
    select
        * exclude (date, version_id, reason),
        min(date) as from_date,
        max(date) as to_date,
        count(*) as days,
        arg_min(version_id, date) as version_id,
        arg_min(reason, date) as reason
    from numbered
    group by all
),

accounts as (
    select
        client_id,
        platform,
        account_id,
        contradicted_by,
        min(from_date) as date,
        sum(days) as days,
        arg_min(version_id, from_date) as version_id,
        arg_min(reason, from_date) as reason,
        string_agg(
            concat_ws(' to ', from_date, if(to_date = from_date, null, to_date)),
            ', ' order by from_date
        ) as named_days
    from stretches
    group by client_id, platform, account_id, contradicted_by, is_excused
)

select
    'last_look_contradicts' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    contradicted_by as metric,
    'a last look that is not whole at ' || named_days as observed,
    'the figures that are shown, or newer ones that are whole' as expected,
    format(
        'the last look at {} contradicts the figures that are shown ({}: {})',
        named_days, contradicted_by, reason
    ) as message
from accounts
