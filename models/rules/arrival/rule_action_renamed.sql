-- Conversion actions that are counted by a name they no longer have: one row per
-- account and action. A name that another action has now is told by action_name_moved,
-- and a line that has ended needs no other name.
{% set line_overlap = platform_has('types_overlap', 'line.platform') %}
{% set line_counts_twice = platform_has('counts_twice', 'line.platform') %}

with former_names as (
    select
        line.client_id,
        line.platform,
        line.account_id,
        line.action_id,
        line.mapped_by as former_name,
        line.kpi,
        line.is_own,
        name.name as action_name,
        run.as_of,
        {{ line_overlap }} and coalesce(users.accounts > 1, false)
            as is_unsayable,
        {{ action_line(
            'line.platform',
            "if(line.is_own or " ~ line_overlap ~ ", line.client_id, '')",
            'line.action_id',
            'line.kpi',
            "if(not " ~ line_counts_twice ~ ", '', line.basis)",
            'line.line_from',
            'line.line_to',
        ) }} as line
    from {{ ref('int_action_lines') }} as line
    inner join {{ ref('stg_run') }} as run
        on run.as_of::date between line.starts_on and line.ends_on
    inner join {{ ref('int_action_names') }} as name
        on
            line.platform = name.platform
            and line.account_id = name.account_id
            and line.action_id = name.action_id
            and name.is_current
            and line.action_key <> name.name_key
    left join {{ ref('int_line_users') }} as users
        on
            line.client_id = users.client_id
            and line.platform = users.platform
            and line.mapped_by = users.mapped_by
            and line.is_own = users.is_own
            and line.line_from = users.line_from
    anti join {{ ref('int_name_carriers') }} as carrier
        on
            line.client_id = carrier.client_id
            and line.platform = carrier.platform
            and line.account_id = carrier.account_id
            and line.action_id = carrier.action_id
    where line.precedence = 1 and not line.by_number
),

actions as (
    select
        version.client_id,
        version.platform,
        version.account_id,
        conversion.action_id,
        conversion.mapped_by as former_name,
        min(version.date) as first_date
    from {{ ref('int_conversions_mapped') }} as conversion
    inner join {{ ref('int_versions') }} as version
        on conversion.version_id = version.version_id
    where conversion.is_mapped and version.is_current
    group by all
),

renamed as (
    select
        former_names.*,
        actions.first_date
    from former_names
    inner join actions
        on
            former_names.client_id = actions.client_id
            and former_names.platform = actions.platform
            and former_names.account_id = actions.account_id
            and former_names.action_id = actions.action_id
            and former_names.former_name = actions.former_name
)

select
    'action_renamed' as rule,
    null::varchar as version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    first_date as date,
    action_id as metric,
    action_name as observed,
    'a line for ' || action_id || ' in agency/conversion_actions.csv' as expected,
    format(
        'the conversion action {} is called {} now; it still counts as {}, by its '
        'former name {} in agency/conversion_actions.csv; {}',
        action_id, action_name, kpi, former_name,
        case
            when is_unsayable
                then format(
                    'other accounts count by that line too, so keep it, and add to'
                    ' agency/waivers.csv: `action_renamed,{},{},{},{},renamed,{}`',
                    client_id, platform, first_date, first_date, as_of::date + 180
                )
            when {{ platform_has('types_overlap') }} and is_own
                then 'write instead of that line ' || line
            else 'add ' || line
        end
    ) as message
from renamed
