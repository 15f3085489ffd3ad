-- More primary conversions than conversions of every kind: one row per version and
-- action, on platforms that tell the two apart.
with actions as (
    {{ summed_actions(
        ['conversions', 'all_conversions'],
        condition='fact.conversions > fact.all_conversions',
        rows='all_conversions is not null'
    ) }}
)

select
    'primary_within_all' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    null::varchar as campaign_id,
    version.date,
    actions.action_type as metric,
    actions.conversions::varchar as observed,
    'at most ' || actions.all_conversions as expected,
    format(
        'of {} {} in all, {} are primary',
        actions.all_conversions, actions.action_type, actions.conversions
    ) as message
from actions
inner join {{ ref('int_versions') }} as version
    on actions.version_id = version.version_id
where actions.conversions > actions.all_conversions + 0.01
