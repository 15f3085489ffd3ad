-- Actions that a KPI takes by the primary count, and that the platform does not count
-- there: one row per account and action, dated by the day on which the platform said
-- so, or by the first day that shows it: looks at older days do not move the date.
with looked as (
    select
        *,
        sum(primary_conversions) over (
            partition by client_id, platform, account_id, action_id, starts_on
            order by date
            range between interval 27 days preceding and current row
        ) as counted_in_28_days,
        sum(primary_conversions) over (
            partition by client_id, platform, account_id, action_id, starts_on
            order by date
            range between interval 6 days preceding and current row
        ) as counted_in_7_days,
        sum(primary_conversions) over (
            partition by client_id, platform, account_id, action_id, starts_on
            order by date
            rows between 1 following and unbounded following
        ) as counted_later
    from {{ ref('int_secondary_days') }}
),

shown as (
    select distinct
        looked.*,
        span.kpi is not null as is_unknown
    from looked
    inner join {{ ref('stg_run') }} as run
        on true
    left join {{ ref('int_uncounted_kpis') }} as span
        on
            looked.client_id = span.client_id
            and looked.platform = span.platform
            and looked.kpi = span.kpi
            and looked.date between span.starts_on and span.ends_on
    where
        looked.primary_conversions = 0
        and looked.all_conversions > 0
        and (
            span.kpi is not null
            or (
                if(looked.is_told, counted_in_7_days, counted_in_28_days) = 0
                and coalesce(counted_later, 0) = 0
                and looked.date > run.as_of::date - 28
            )
        )
),

actions as (
    select
        client_id,
        platform,
        account_id,
        action_id,
        kpi,
        mapped_by,
        by_number,
        is_own,
        line_from,
        line_to,
        coalesce(min(told_on), min(date)) as first_date,
        sum(all_conversions) as all_conversions,
        bool_or(is_unknown) as is_unknown
    from shown
    -- The line that action_name_moved prints for it has that basis.
    anti join {{ ref('int_name_carriers') }} as carrier
        on
            shown.client_id = carrier.client_id
            and shown.platform = carrier.platform
            and shown.account_id = carrier.account_id
            and shown.action_id = carrier.action_id
            and carrier.follows_all_conversions
    group by all
)

select
    'secondary_action' as rule,
    null::varchar as version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    first_date as date,
    action_id as metric,
    '0' as observed,
    all_conversions::varchar as expected,
    format(
        'the action {} is secondary: {:.0f} came of it in all_conversions and none in '
        'conversions, the basis of its line {}, so {}; {} in '
        'agency/conversion_actions.csv: {}; or make the action primary on the platform',
        action_id, all_conversions, mapped_by,
        if(
            is_unknown,
            kpi || ' is not known (NULL), not 0',
            'it adds nothing to ' || kpi
        ),
        if(by_number, 'set the basis of its line', 'add a line for its id'),
        {{ action_line(
            'platform', "if(is_own, client_id, '')", 'action_id', 'kpi',
            "'all_conversions'", 'line_from', 'line_to'
        ) }}
    ) as message
from actions
