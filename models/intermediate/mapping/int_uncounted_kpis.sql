-- KPIs that count nothing by choice: one row per client, platform, KPI and span of days
-- on which its actions are secondary on the platform and its lines take the primary
-- count. Spans may overlap.
{{ config(materialized='ephemeral') }}

with spans as (
    select
        line.client_id,
        line.platform,
        line.kpi,
        line.starts_on,
        line.ends_on,
        count(*) as actions,
        bool_or(line.basis = 'all_conversions') as counts_all
    from {{ ref('int_action_lines') }} as line
    where line.precedence = 1 and line.kpi <> 'ignore'
    group by all
),

-- What the platform says counts needs no evidence, and takes away that of the others.
told as (
    select
        platform,
        account_id,
        action_id,
        arg_max(primary_for_goal, seen_at) as is_primary
    from {{ ref('stg_ledger__actions') }}
    group by all
),

primary_spans as (
    select distinct
        line.client_id,
        line.platform,
        line.kpi,
        line.starts_on
    from {{ ref('int_action_lines') }} as line
    inner join told
        on
            line.platform = told.platform
            and line.account_id = told.account_id
            and line.action_id = told.action_id
    where line.precedence = 1 and told.is_primary
),

days as (
    select
        day.client_id,
        day.platform,
        day.kpi,
        day.starts_on,
        day.ends_on,
        day.date,
        sum(day.primary_conversions) as primary_conversions,
        sum(day.all_conversions) as all_conversions,
        bool_and(day.is_told) as is_told
    from {{ ref('int_secondary_days') }} as day
    inner join spans
        on
            day.client_id = spans.client_id
            and day.platform = spans.platform
            and day.kpi = spans.kpi
            and day.starts_on = spans.starts_on
            and not spans.counts_all
    left join primary_spans
        on
            day.client_id = primary_spans.client_id
            and day.platform = primary_spans.platform
            and day.kpi = primary_spans.kpi
            and day.starts_on = primary_spans.starts_on
    where primary_spans.kpi is null
    group by all
),

looked as (
    select
        *,
        sum(primary_conversions) over (
            partition by client_id, platform, kpi, starts_on
            order by date
            range between interval 27 days preceding and current row
        ) as counted_in_28_days,
        sum(primary_conversions) over (
            partition by client_id, platform, kpi, starts_on
            order by date
            range between interval 6 days preceding and current row
        ) as counted_in_7_days,
        max(if(primary_conversions > 0, date, null)) over (
            partition by client_id, platform, kpi, starts_on
            order by date
            rows between unbounded preceding and 1 preceding
        ) as last_counted,
        min(if(primary_conversions > 0, date, null)) over (
            partition by client_id, platform, kpi, starts_on
            order by date
            rows between 1 following and unbounded following
        ) as next_counted
    from days
),

-- Four weeks without a primary one, and others besides, speak for the four weeks that
-- follow. Where the platform says it too, one week speaks for all days without one.
uncounted as (
    select
        client_id,
        platform,
        kpi,
        if(is_told, coalesce((last_counted + 1)::date, starts_on), date) as starts_on,
        least(
            if(is_told, ends_on, least(ends_on, (date + 27)::date)),
            coalesce((next_counted - 1)::date, date '9999-12-31')
        ) as ends_on
    from looked
    where
        all_conversions > 0
        and (
            counted_in_28_days = 0
            or (is_told and next_counted is null and counted_in_7_days = 0)
        )
)

select distinct * from uncounted
