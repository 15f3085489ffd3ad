-- Outages: one row per run, platform and class of failure that struck in it, with the
-- outage that it belongs to. An outage is a maximal stretch of runs with one platform
-- and one class: a later run that succeeds with an account that it had struck, and in
-- which the class struck none, ends it.
{{ config(materialized='ephemeral') }}
{#- Our own reasons not to ask, and what they mean if the platform told no more. -#}
{%- set own_reasons = {'breaker': 'transient', 'deadline': 'deadline'} %}
{#- What makes us stop asking. -#}
{%- set exhausting = "'transient', 'throttle'" %}
{#- Answers without an error and without delivery, of a whole platform. -#}
{%- set silence = 'silence' %}

with collections as (
    select
        run_id,
        platform,
        account_id,
        started_at,
        outcome,
        coalesce(error_class, 'unknown') as error_class,
        case error_class
            {%- for reason, meaning in own_reasons.items() %}
                when '{{ reason }}' then '{{ meaning }}'
            {%- endfor %}
        end as meaning
    from {{ ref('stg_ledger__collections') }}
),

-- What most accounts were told in a run of what makes us stop asking.
told as (
    select
        run_id,
        platform,
        arg_max(error_class, (accounts, error_class)) as error_class
    from (
        select
            run_id,
            platform,
            error_class,
            count(distinct account_id) as accounts
        from collections
        where outcome = 'failed' and error_class in ({{ exhausting }})
        group by all
    ) as reasons
    group by all
),

struck_accounts as (
    select
        collections.run_id,
        collections.platform,
        collections.account_id,
        collections.error_class,
        if(
            collections.meaning is null,
            collections.error_class,
            coalesce(told.error_class, collections.meaning)
        ) as cause,
        collections.started_at
    from collections
    left join told
        on
            collections.run_id = told.run_id
            and collections.platform = told.platform
    where collections.outcome <> 'collected'
    union all
    select
        look.run_id,
        version.platform,
        version.account_id,
        '{{ silence }}' as error_class,
        '{{ silence }}' as cause,
        look.started_at
    from {{ ref('int_empty_looks') }} as look
    inner join {{ ref('int_versions') }} as version
        on look.version_id = version.version_id
    where look.is_outage
),

failures as (
    select
        run_id,
        platform,
        cause,
        list(distinct error_class order by error_class) as error_classes,
        min(started_at) as started_at
    from struck_accounts
    group by all
),

first_strikes as (
    select
        platform,
        account_id,
        cause,
        min(started_at) as started_at
    from struck_accounts
    group by all
),

successes as (
    select
        collections.run_id,
        collections.platform,
        first_strikes.cause,
        min(collections.started_at) as started_at
    from collections
    inner join first_strikes
        on
            collections.platform = first_strikes.platform
            and collections.account_id = first_strikes.account_id
            and collections.started_at >= first_strikes.started_at
    where collections.outcome = 'collected'
    group by all
),

runs as (
    select
        *,
        false as is_success
    from failures
    union all by name
    select
        *,
        true as is_success
    from successes
    anti join failures
        on
            successes.run_id = failures.run_id
            and successes.platform = failures.platform
            and successes.cause = failures.cause
),

stretches as (
    select
        *,
        count(*) filter (where is_success) over (
            partition by platform, cause order by started_at, run_id
            rows unbounded preceding
        ) as stretch,
        min({ 'at': started_at, 'run_id': run_id }) filter (where is_success) over (
            partition by platform, cause order by started_at, run_id
            rows between 1 following and unbounded following
        ) as ended
    from runs
),

outages as (
    select
        md5(concat_ws('|', cause, platform, '', first_value(run_id) over outage))
            as outage_id,
        run_id,
        platform,
        cause,
        error_classes,
        started_at,
        min(started_at) over outage as opened_at,
        ended.at as ended_at,
        ended.run_id as ended_by
    from stretches
    where not is_success
    window outage as (
        partition by platform, cause, stretch order by started_at, run_id
        rows unbounded preceding
    )
)

select * from outages
