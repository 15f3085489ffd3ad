-- What the agency's file should say of actions that it does not name: one row per
-- account and action, with the line that counts it as the action before was counted
-- that had its name, and with that action, if the file names it by its id.
{{ config(materialized='ephemeral') }}
{% set overlap = platform_has('types_overlap') %}
{% set named_overlap = platform_has('types_overlap', 'named.platform') %}
{% set line_overlap = platform_has('types_overlap', 'line.platform') %}
{% set named_counts_twice = platform_has('counts_twice', 'named.platform') %}

with unnamed as (
    select * from {{ ref('int_unnamed_actions') }}
),

named as (
    select
        * exclude (other_id),
        bool_or(coalesce(other_id <> action_id, false)) as has_namesakes
    from unnamed
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
    semi join unnamed
        on
            version.client_id = unnamed.client_id
            and version.platform = unnamed.platform
            and version.account_id = unnamed.account_id
            and fact.action_id = unnamed.other_id
    where version.is_current and (fact.conversions <> 0 or fact.all_conversions <> 0)
    group by all
),

-- Lines that count the name, from before the action began to be unmapped.
former_lines as (
    select
        unnamed.*,
        line.action_id as line_action_id,
        line.kpi,
        line.basis,
        line.is_own,
        line.by_number,
        line.mapped_by,
        line.line_from,
        line.line_to,
        line.first_told_at,
        line.ends_on,
        counted.last_date as last_counted_on
    from unnamed
    inner join {{ ref('int_action_lines') }} as line
        on
            unnamed.client_id = line.client_id
            and unnamed.platform = line.platform
            and unnamed.account_id = line.account_id
            and unnamed.other_id = line.action_id
            and line.precedence = 1
            and line.kpi <> 'ignore'
            and unnamed.first_date >= line.starts_on
    left join last_counted as counted
        on
            unnamed.client_id = counted.client_id
            and unnamed.platform = counted.platform
            and unnamed.account_id = counted.account_id
            and unnamed.other_id = counted.action_id
),

-- The name of an action that is named by its id: no line of the name is left to tell.
former_actions as (
    select
        client_id,
        platform,
        account_id,
        action_id,
        string_agg(distinct line_action_id, ', ' order by line_action_id) as former_ids,
        max(kpi) as former_kpi
    from former_lines
    where by_number and line_action_id <> action_id
    group by all
),

-- Where types overlap, two actions of one KPI must not share a day.
predecessors as (
    select *
    from former_lines
    where
        not {{ overlap }}
        or line_to < first_date
        or (by_number and is_own and last_counted_on < first_date)
    qualify row_number() over (
        partition by client_id, platform, account_id, action_id
        order by ends_on desc, first_told_at desc, line_action_id asc
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
        former.former_ids,
        former.former_kpi,
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
    left join former_actions as former
        on
            named.client_id = former.client_id
            and named.platform = former.platform
            and named.account_id = former.account_id
            and named.action_id = former.action_id
)

select
    *,
    case
        when kpi is null
            then format('write {}, or its KPI instead of ignore', line)
        when line_before is not null
            then format(
                'write {} and, instead of the line of {}, {}',
                line, line_action_id, line_before
            )
        else format('write {}, or ignore instead of {}', line, kpi)
    end as advice
from advised
