-- Which action counts as which KPI: one row per client, platform, action and span of
-- dates in which nothing changes. A client's own line beats the default twice: for its
-- KPI, and for its action.
with clients as (
    select client_id from {{ ref('stg_agency__clients') }}
),

lines as (
    select
        clients.client_id,
        line.platform,
        line.action_type,
        -- Letters' case and spaces are no fact, as in int_action_names.
        lower(trim(regexp_replace(nfc_normalize(line.action_type), '\s+', ' ', 'g')))
            as action_key,
        line.kpi,
        line.basis,
        line.valid_from,
        line.valid_to,
        line.line_since,
        line.client_id <> '' as is_own
    from {{ ref('stg_agency__conversion_actions') }} as line
    inner join clients
        on line.client_id in ('', clients.client_id)
),

starts as (
    select
        client_id,
        platform,
        valid_from as starts_on
    from lines
    union
    select
        client_id,
        platform,
        valid_to + 1 as starts_on
    from lines
    where valid_to < date '9999-12-31'
),

spans as (
    select
        client_id,
        platform,
        starts_on,
        coalesce(
            lead(starts_on) over client_platform - 1, date '9999-12-31'
        ) as ends_on
    from starts
    window client_platform as (partition by client_id, platform order by starts_on)
),

candidates as (
    select
        lines.*,
        spans.starts_on,
        spans.ends_on,
        bool_or(lines.is_own) over (
            partition by lines.client_id, lines.platform, spans.starts_on, lines.kpi
        ) as kpi_is_own,
        bool_or(lines.is_own) over (
            partition by
                lines.client_id, lines.platform, spans.starts_on, lines.action_key
        ) as action_is_own
    from lines
    inner join spans
        on
            lines.client_id = spans.client_id
            and lines.platform = spans.platform
            and spans.starts_on between lines.valid_from and lines.valid_to
),

kpi_actions as (
    select
        client_id,
        platform,
        action_type,
        action_key,
        starts_on,
        ends_on,
        -- A default action that the client's own line has displaced is known, but
        -- counts as nothing.
        case when not is_own and kpi_is_own then 'ignore' else kpi end as kpi,
        basis,
        is_own,
        not is_own and kpi_is_own and kpi <> 'ignore' as is_displaced,
        line_since,
        valid_from as line_from,
        valid_to as line_to
    from candidates
    where is_own or not action_is_own
)

select * from kpi_actions
