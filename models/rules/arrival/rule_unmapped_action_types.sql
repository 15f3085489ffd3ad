-- Actions that were counted lately and that the agency's file does not name: one row
-- per account and action.
{% set overlap = platform_has('types_overlap') %}
{% set named_overlap = platform_has('types_overlap', 'named.platform') %}
{% set line_overlap = platform_has('types_overlap', 'line.platform') %}
{% set named_counts_twice = platform_has('counts_twice', 'named.platform') %}

with actions as (
    select
        version.client_id,
        version.platform,
        version.account_id,
        conversion.action_id,
        max(conversion.action_type) as action_type,
        min(version.date) as first_date,
        max(version.date) as last_date,
        sum(greatest(
            conversion.conversions, coalesce(conversion.all_conversions, 0)
        )) as conversions
    from {{ ref('int_conversions_mapped') }} as conversion
    inner join {{ ref('int_versions') }} as version
        on conversion.version_id = version.version_id
    where
        not conversion.is_mapped
        and version.is_current
        -- Google counts its secondary actions in the second alone.
        and (conversion.conversions > 0 or conversion.all_conversions > 0)
    group by all
),

recent as (
    select actions.*
    from actions
    inner join {{ ref('int_rules') }} as setting
        on
            actions.client_id = setting.client_id
            and setting.rule = 'unmapped_action_types'
    inner join {{ ref('stg_run') }} as run
        on actions.last_date >= run.as_of::date - setting.parameters['days']::integer
),

names as (
    select
        name.platform,
        name.account_id,
        name.action_id,
        name.name,
        name.name_key,
        name.is_current
    from {{ ref('int_action_names') }} as name
    semi join recent
        on name.platform = recent.platform and name.account_id = recent.account_id
    where name.name is not null
),

-- Actions of the account that had the same name, the action itself among them, if the
-- line of another day names it.
namesakes as (
    select distinct
        recent.client_id,
        recent.platform,
        recent.account_id,
        recent.action_id,
        other.action_id as other_id
    from recent
    inner join names
        on
            recent.platform = names.platform
            and recent.account_id = names.account_id
            and recent.action_id = names.action_id
    inner join names as other
        on
            names.platform = other.platform
            and names.account_id = other.account_id
            and names.name_key = other.name_key
),

named as (
    select
        recent.*,
        max(names.name) filter (where names.is_current) as name,
        bool_or(coalesce(namesakes.other_id <> recent.action_id, false))
            as has_namesakes
    from recent
    left join names
        on
            recent.platform = names.platform
            and recent.account_id = names.account_id
            and recent.action_id = names.action_id
    left join namesakes
        on
            recent.client_id = namesakes.client_id
            and recent.platform = namesakes.platform
            and recent.account_id = namesakes.account_id
            and recent.action_id = namesakes.action_id
    group by all
),

last_counted as (
    select
        version.client_id,
        version.platform,
        version.account_id,
        fact.action_id,
        max(version.date) as last_date
    from {{ ref('int_conversions') }} as fact
    inner join {{ ref('int_versions') }} as version
        on fact.version_id = version.version_id
    semi join namesakes
        on
            version.client_id = namesakes.client_id
            and version.platform = namesakes.platform
            and version.account_id = namesakes.account_id
            and fact.action_id = namesakes.other_id
    where version.is_current and (fact.conversions <> 0 or fact.all_conversions <> 0)
    group by all
),

-- The line that counted the name last, before the action began to be unmapped.
predecessors as (
    select
        named.*,
        line.action_id as line_action_id,
        line.kpi,
        line.basis,
        line.is_own,
        line.by_number,
        line.mapped_by,
        line.line_from,
        line.line_to
    from named
    inner join namesakes
        on
            named.client_id = namesakes.client_id
            and named.platform = namesakes.platform
            and named.account_id = namesakes.account_id
            and named.action_id = namesakes.action_id
    inner join {{ ref('int_action_lines') }} as line
        on
            named.client_id = line.client_id
            and named.platform = line.platform
            and named.account_id = line.account_id
            and namesakes.other_id = line.action_id
            and line.precedence = 1
            and line.kpi <> 'ignore'
            and named.first_date >= line.starts_on
    left join last_counted as counted
        on
            namesakes.client_id = counted.client_id
            and namesakes.platform = counted.platform
            and namesakes.account_id = counted.account_id
            and namesakes.other_id = counted.action_id
    -- Where types overlap, two actions of one KPI must not share a day.
    where
        not {{ named_overlap }}
        or line.line_to < named.first_date
        or (
            line.by_number
            and line.is_own
            and counted.last_date < named.first_date
        )
    qualify row_number() over (
        partition by
            named.client_id, named.platform, named.account_id, named.action_id
        order by line.ends_on desc, line.first_told_at desc, line.action_id asc
    ) = 1
),

-- Nor must it share one with another line of the KPI, which the client's own line would
-- contradict or displace.
others as (
    select
        line.client_id,
        line.platform,
        line.kpi,
        line.action_type as mapped_by,
        line.ends_on
    from {{ ref('int_kpi_actions') }} as line
    where line.is_own and {{ line_overlap }}
    union all
    select
        line.client_id,
        line.platform,
        line.kpi,
        line.mapped_by,
        line.ends_on
    from {{ ref('int_action_lines') }} as line
    where line.precedence = 1 and {{ line_overlap }}
),

alone as (
    select *
    from predecessors
    anti join others
        on
            predecessors.client_id = others.client_id
            and predecessors.platform = others.platform
            and predecessors.kpi = others.kpi
            and predecessors.mapped_by <> others.mapped_by
            and predecessors.first_date <= others.ends_on
),

successors as (
    select
        *,
        if({{ overlap }}, lead(first_date) over in_turn, null)
            as next_date,
        {{ overlap }} and row_number() over in_turn > 1 as follows
    from alone
    window
        of_kpi as (partition by client_id, platform, kpi),
        in_turn as (
            partition by client_id, platform, kpi order by first_date, action_id
        )
    qualify
        not {{ overlap }}
        or (
            last_date < coalesce(lead(first_date) over in_turn, date '9999-12-31')
            and min(account_id) over of_kpi = max(account_id) over of_kpi
        )
),

advised as (
    select
        named.*,
        before.line_action_id,
        before.kpi,
        {{ action_line(
            'named.platform',
            "if(" ~ named_overlap ~ " or before.is_own, named.client_id, '')",
            'named.action_id',
            "coalesce(before.kpi, 'ignore')",
            "if(not " ~ named_counts_twice ~ ", '', before.basis)",
            "case when before.line_to < named.first_date and not before.follows"
            ~ " then before.line_to + 1"
            ~ " when " ~ named_overlap ~ " and before.kpi is not null"
            ~ " then named.first_date end",
            'before.next_date - 1',
        ) }} as line,
        if(
            {{ named_overlap }}
            and before.by_number
            and before.line_to >= named.first_date,
            {{ action_line(
                'named.platform',
                'named.client_id',
                'before.line_action_id',
                'before.kpi',
                "''",
                'before.line_from',
                'named.first_date - 1',
            ) }},
            null
        ) as line_before
    from named
    left join successors as before
        on
            named.client_id = before.client_id
            and named.platform = before.platform
            and named.account_id = before.account_id
            and named.action_id = before.action_id
)

select
    'unmapped_action_types' as rule,
    null::varchar as version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    first_date as date,
    if(
        has_namesakes or {{ overlap }},
        action_id, coalesce(name, action_type)
    ) as metric,
    conversions::varchar as observed,
    'a line in agency/conversion_actions.csv' as expected,
    format(
        'the action {} is counted and in no KPI, for agency/conversion_actions.csv '
        'does not name it; {}',
        action_id || coalesce(' (called ' || name || ')', ''),
        case
            when kpi is null
                then format('write {}, or its KPI instead of ignore', line)
            when line_before is not null
                then format(
                    'write {} and, instead of the line of {}, {}',
                    line, line_action_id, line_before
                )
            else format('write {}, or ignore instead of {}', line, kpi)
        end
    ) as message
from advised
