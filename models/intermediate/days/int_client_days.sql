-- Client-days: one row per client, platform and date, whole only if all of its accounts
-- are.
with kpis as (
    select
        client_id,
        platform,
        starts_on,
        ends_on,
        list(distinct kpi order by kpi) as kpis
    from {{ ref('int_kpi_actions') }}
    where kpi <> 'ignore'
    group by all
),

client_days as (
    select
        client_id,
        platform,
        date,
        min(currency) as currency,
        count(*) as accounts,
        count(*) filter (where status = 'whole') as whole_accounts,
        count(*) filter (where status <> 'whole' and waived) as waived_accounts,
        -- A day is closed when it is closed for all accounts, wherever they are.
        bool_and(is_due) as is_closed,
        min(last_closed_date) as last_closed_date,
        bool_and(version_id is not null) and count(distinct currency) = 1
            as has_all_versions,
        bool_or(conversion_tracking) as is_tracked,
        case
            when bool_or(maturity = 'provisional') then 'provisional'
            when bool_or(maturity = 'preliminary') then 'preliminary'
            else 'final'
        end as maturity,
        arg_max(data_source, (confirmed_at, account_id)) as data_source,
        min(collected_at) as collected_at,
        min(confirmed_at) as confirmed_at,
        arg_min(run_id, (collected_at, account_id)) as run_id,
        -- What all of its accounts were asked for.
        list_reduce(list(told_measures), (a, b) -> list_intersect(a, b))
            as told_measures
    from {{ ref('int_account_days') }}
    where status <> 'not_expected'
    group by all
),

-- What counts nothing by choice of its basis is not known: no zero.
uncounted as (
    select
        client_days.client_id,
        client_days.platform,
        client_days.date,
        list(distinct span.kpi) as kpis
    from client_days
    inner join {{ ref('int_uncounted_kpis') }} as span
        on
            client_days.client_id = span.client_id
            and client_days.platform = span.platform
            and client_days.date between span.starts_on and span.ends_on
    group by all
),

-- Where a version names the actions that it was asked for, nothing is known of others.
told_kpis as (
    select
        day.client_id,
        day.platform,
        day.date,
        list(distinct line.kpi) as kpis
    from {{ ref('int_account_days') }} as day
    inner join {{ ref('stg_ledger__account_days') }} as version
        on day.version_id = version.version_id
    inner join {{ ref('int_kpi_actions') }} as line
        on
            day.client_id = line.client_id
            and day.platform = line.platform
            and day.date between line.starts_on and line.ends_on
            and list_contains(
                string_split(version.fields, ','), 'action:' || line.action_key
            )
    where {{ platform_has('names_actions', 'day.platform') }}
    group by all
)

select
    client_days.*,
    client_days.is_closed and client_days.has_all_versions as is_whole,
    not client_days.is_closed and client_days.has_all_versions as is_today,
    list_filter(
        coalesce(kpis.kpis, []),
        lambda kpi: not list_contains(coalesce(uncounted.kpis, []), kpi)
        and (
            not {{ platform_has('names_actions', 'client_days.platform') }}
            or coalesce(list_contains(told_kpis.kpis, kpi), false)
        )
    ) as kpis
from client_days
left join kpis
    on
        client_days.client_id = kpis.client_id
        and client_days.platform = kpis.platform
        and client_days.date between kpis.starts_on and kpis.ends_on
left join uncounted
    on
        client_days.client_id = uncounted.client_id
        and client_days.platform = uncounted.platform
        and client_days.date = uncounted.date
left join told_kpis
    on
        client_days.client_id = told_kpis.client_id
        and client_days.platform = told_kpis.platform
        and client_days.date = told_kpis.date
