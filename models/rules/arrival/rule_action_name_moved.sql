-- Names of the agency's file that went from one action to another: one row per account
-- and set of actions, dated by the first day that the newest one counted. Two actions
-- that swap their names are one row.
{% set overlap = platform_has('types_overlap') %}
{% set counts_twice = platform_has('counts_twice') %}

with carriers as (
    select
        carrier.*,
        coalesce(name.name, carrier.action_id) as action_name,
        list_sort(list(carrier.action_id) over moved) as actions,
        max(carrier.first_date) filter (where carrier.is_newest) over moved
            as moved_on,
        if(
            carrier.is_displaced,
            max(carrier.kpi) filter (where carrier.kpi <> 'ignore') over moved,
            carrier.kpi
        ) as line_kpi
    from {{ ref('int_name_carriers') }} as carrier
    left join {{ ref('int_action_names') }} as name
        on
            carrier.platform = name.platform
            and carrier.account_id = name.account_id
            and carrier.action_id = name.action_id
            and name.is_current
    window moved as (
        partition by
            carrier.client_id, carrier.platform, carrier.account_id,
            carrier.mapped_by, carrier.names_own, carrier.line_from
    )
),

-- Where types overlap, two actions of one KPI must not share a day: each counts until
-- the next does.
turns as (
    select
        *,
        {{ overlap }} and line_kpi <> 'ignore' as takes_turns,
        count(*) over kpi > 1 as is_one_of_several,
        row_number() over turn = 1 as is_first,
        lead(first_date) over turn as next_date
    from carriers
    window
        kpi as (
            partition by
                client_id, platform, account_id, mapped_by, names_own, line_from,
                line_kpi
        ),
        turn as (
            partition by
                client_id, platform, account_id, mapped_by, names_own, line_from,
                line_kpi
            order by first_date, is_newest, first_told_at, action_id
        )
),

-- A number of Google's is of one account: its line may be for all clients, so that no
-- default is displaced. Where types overlap, the client's own line displaces the
-- default of its KPI.
lines as (
    select
        *,
        {{ overlap }}
        and (is_shared or (takes_turns and coalesce(last_date >= next_date, false)))
            as is_unsayable,
        not by_number or (takes_turns and is_one_of_several) as is_needed,
        {{ action_line(
            'platform',
            "if(is_own or is_displaced or " ~ overlap ~ ", client_id, '')",
            'action_id',
            'line_kpi',
            "case when not " ~ counts_twice ~ " then '' when follows_all_conversions"
            ~ " then 'all_conversions' else basis end",
            'if(takes_turns and not is_first, first_date, counts_from)',
            'if(takes_turns, coalesce((next_date - 1)::date, counts_to), counts_to)',
        ) }} as line
    from turns
),

names as (
    select
        client_id,
        platform,
        account_id,
        actions,
        mapped_by,
        moved_on,
        bool_or(names_own) as names_own,
        bool_or(is_unsayable) as is_unsayable,
        bool_or(is_shared) as is_shared,
        -- An end must take no day of the other actions, accounts and clients.
        bool_and(is_newest or last_date < moved_on)
        and not bool_or(is_needed_elsewhere) as can_end,
        max(action_id) filter (where is_newest) as newest,
        format(
            'the name {} went from the action {} to {}, told on {}',
            mapped_by,
            string_agg(action_id, ', ' order by action_id)
            filter (where not is_newest),
            max(action_id) filter (where is_newest),
            max(first_told_at) filter (where is_newest)::date
        ) as move
    from lines
    group by client_id, platform, account_id, actions, mapped_by, line_from, moved_on
),

printed as (
    select
        client_id,
        platform,
        account_id,
        actions,
        action_id,
        line,
        format('{} (called {} now) as {}', action_id, action_name, kpi) as counting,
        bool_or(is_needed) as is_needed,
        bool_or(is_needed and by_number) as is_replaced,
        min(first_told_at) as first_told_at
    from lines
    group by all
),

lines_of_actions as (
    select
        client_id,
        platform,
        account_id,
        actions,
        bool_or(is_replaced) as is_replaced,
        string_agg(counting, ', ' order by first_told_at, action_id, line)
            as counting,
        string_agg(line, ' and ' order by first_told_at, action_id, line)
        filter (where is_needed) as lines
    from printed
    group by all
),

moved as (
    select
        client_id,
        platform,
        account_id,
        actions,
        min(moved_on) as moved_on,
        string_agg(distinct mapped_by, ' and ' order by mapped_by) as mapped_by,
        string_agg(distinct newest, ', ' order by newest) as newest,
        string_agg(distinct move, ' and ' order by move) as moves,
        bool_or(names_own) as names_own,
        bool_or(is_unsayable) as is_unsayable,
        bool_or(is_shared) as is_shared,
        count(*) = 1 and bool_and(can_end) as can_end
    from names
    group by all
)

select
    'action_name_moved' as rule,
    null::varchar as version_id,
    moved.client_id,
    moved.platform,
    moved.account_id,
    null::varchar as campaign_id,
    moved.moved_on as date,
    moved.mapped_by as metric,
    moved.newest as observed,
    'a line for each of ' || array_to_string(moved.actions, ', ') || ' by its id'
        as expected,
    format(
        '{}: each counts by its line, {}, so no past day changed; {}',
        moved.moves,
        lines.counting,
        case
            when moved.is_unsayable
                then format(
                    'lines by their ids cannot say that, for {}; if both are to count,'
                    ' add to agency/waivers.csv: `action_name_moved,{},{},{},{},both'
                    ' count,{}`',
                    if(
                        moved.is_shared,
                        'another account counts by the line of the name',
                        'both counted on the same days'
                    ),
                    moved.client_id, moved.platform, moved.moved_on, moved.moved_on,
                    run.as_of::date + 180
                )
            else
                format(
                    '{} the ids in agency/conversion_actions.csv{}: {}',
                    if(
                        {{ platform_has('types_overlap', 'moved.platform') }}
                        and moved.names_own,
                        'replace the name by',
                        'add'
                    ),
                    if(lines.is_replaced, ', instead of their present lines', ''),
                    lines.lines
                )
                || if(
                    moved.can_end,
                    format(
                        '; or, if {} is to count as nothing, end the line of the name'
                        ' with valid_to {}', moved.newest, moved.moved_on - 1
                    ),
                    ''
                )
        end
    ) as message
from moved
inner join lines_of_actions as lines
    on
        moved.client_id = lines.client_id
        and moved.platform = lines.platform
        and moved.account_id = lines.account_id
        and moved.actions = lines.actions
inner join {{ ref('stg_run') }} as run
    on true
union all
-- The earlier action is named by its id, and no line has the name for the new one.
select
    'action_name_moved' as rule,
    null::varchar as version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    first_date as date,
    coalesce(name, action_type) as metric,
    action_id as observed,
    'a line for ' || action_id || ' by its id' as expected,
    format(
        'the name {} went from the action {} to {}, seen since {}: {} counts as {} by'
        ' its id, and {} is in no KPI; {}',
        coalesce(name, action_type), former_ids, action_id, first_date, former_ids,
        former_kpi, action_id, advice
    ) as message
from {{ ref('int_unnamed_action_lines') }}
where former_ids is not null
