-- Days that came back empty although campaigns were enabled and had been spending: one
-- row per version that is not believed yet. It is believed once it has stayed so for a
-- day and night; what had delivery before, or was silent with all of its platform,
-- never is.
with empty_days as (
    select
        empty_version.platform,
        empty_version.account_id,
        empty_version.date,
        bool_and(look.is_outage) as is_outage,
        min(look.started_at) filter (where not look.is_outage) as first_seen_at,
        max(look.started_at) filter (where not look.is_outage) as last_seen_at
    from {{ ref('int_empty_looks') }} as look
    inner join {{ ref('int_empty_versions') }} as empty_version
        on look.version_id = empty_version.version_id
    group by all
),

versions as (
    select
        empty_version.*,
        empty_days.is_outage,
        empty_days.first_seen_at,
        empty_days.last_seen_at,
        to_hours(setting.parameters['hours']::integer) as hold
    from {{ ref('int_empty_versions') }} as empty_version
    inner join empty_days
        on
            empty_version.platform = empty_days.platform
            and empty_version.account_id = empty_days.account_id
            and empty_version.date = empty_days.date
    inner join {{ ref('int_rules') }} as setting
        on
            empty_version.client_id = setting.client_id
            and setting.rule = 'suspect_empty'
),

-- Since an empty day that is believed, nothing is expected of the account.
believed as (
    select
        platform,
        account_id,
        date
    from versions
    where
        not had_delivery
        -- A daily run does not begin on the second.
        and last_seen_at - first_seen_at >= hold - interval 15 minute
),

held as (
    select
        *,
        case
            when had_delivery then 'an earlier answer had delivery, this one is empty'
            when is_outage
                then 'every account of ' || platform || ' was silent in that run'
            else format(
                'the answer is empty, and {} enabled campaigns delivered until {}',
                enabled_campaigns, delivered_on
            )
        end as message
    from versions
    where
        had_delivery
        or is_outage
        or (
            enabled_campaigns > 0
            and not exists (
                select 1
                from believed
                where
                    versions.platform = believed.platform
                    and versions.account_id = believed.account_id
                    and believed.date > versions.delivered_on
                    and believed.date <= versions.date
            )
        )
)

select
    'suspect_empty' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    'delivery' as metric,
    'no delivery' as observed,
    case
        when had_delivery or is_outage then 'delivery'
        else
            'delivery, or the same answer after '
            || strftime(first_seen_at + hold, '%Y-%m-%d %H:%M') || ' UTC'
    end as expected,
    message
from held
-- In another currency than the agency registered there is no day to lose by an outage.
where
    not is_outage
    or version_id not in (
        select differing.version_id
        from {{ ref('int_differing_versions') }} as differing
        where differing.metric = 'currency'
    )
