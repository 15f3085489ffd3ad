-- Campaigns of another account: one row per version and campaign that an account
-- delivers which another account had before.
with known as (
    select
        fact.campaign_id,
        version.platform,
        version.account_id,
        min(version.started_at) as first_seen_at
    from {{ ref('int_delivery') }} as fact
    inner join {{ ref('int_versions') }} as version
        on fact.version_id = version.version_id
    group by all
),

owners as (
    select
        campaign_id,
        platform,
        arg_min(account_id, (first_seen_at, account_id)) as owner,
        count(*) as accounts
    from known
    group by all
    having count(*) > 1
)

select
    'foreign_campaigns' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    fact.campaign_id,
    version.date,
    'campaign' as metric,
    'a campaign of account ' || owners.owner as observed,
    'campaigns of its own' as expected,
    format(
        'campaign {} belongs to account {}, so this answer is about another account',
        fact.campaign_id, owners.owner
    ) as message
from {{ ref('int_delivery') }} as fact
inner join owners
    on fact.campaign_id = owners.campaign_id
inner join {{ ref('int_versions') }} as version
    on
        fact.version_id = version.version_id
        and owners.platform = version.platform
        and owners.owner <> version.account_id
