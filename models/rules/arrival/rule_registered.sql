-- Accounts that are not what the agency registered (currency, time zone, kind): one row
-- per version and metric, which blocks the version; and one per registration and
-- metric, on the first day that is told in no other way, which says what to write.
with differing as (
    select *
    from {{ ref('int_differing_versions') }}
),

days as (
    select *
    from {{ ref('int_differing_days') }}
),

told as (
    select
        client_id,
        platform,
        account_id,
        metric,
        registered,
        arg_max(reported, date) as reported,
        min(date) as first_date,
        max(date) as last_date,
        max(date) filter (where is_due) as last_closed_date,
        count(*) filter (where is_due) as days,
        arg_max(is_told_as_registered, date) as is_over
    from days
    group by client_id, platform, account_id, metric, registered
)

select
    'registered' as rule,
    version_id,
    client_id,
    platform,
    account_id,
    null::varchar as campaign_id,
    date,
    metric,
    reported as observed,
    registered as expected,
    format(
        'the platform says {} {}, agency/accounts.csv says {}',
        metric, reported, registered
    ) as message
from differing
union all
select
    'registered' as rule,
    null::varchar as version_id,
    told.client_id,
    told.platform,
    told.account_id,
    null::varchar as campaign_id,
    told.first_date as date,
    told.metric,
    told.reported as observed,
    told.registered as expected,
    format(
        'the platform says {} {}, agency/accounts.csv says {}; {} left out. {}',
        told.metric, told.reported, told.registered,
        if(told.days = 1, '1 closed day is', told.days || ' closed days are'),
        case
            when told.metric = 'account' then 'Register the accounts below it instead'
            when told.is_over
                then format(
                    'The platform says {} again: make backfill CLIENT={} PLATFORM={}'
                    ' FROM={} TO={}',
                    told.registered, told.client_id, told.platform, told.first_date,
                    coalesce(told.last_closed_date, told.last_date)
                )
            else advice.advice
        end
    ) as message
from told
left join {{ ref('int_registration_advice') }} as advice
    on
        told.client_id = advice.client_id
        and told.platform = advice.platform
        and told.account_id = advice.account_id
