-- The agency's quality score over the last week: one row, with the client that has the
-- lowest, and the clients that are too new for the rules about series to judge.
{# Names that a sentence holds; the details have them all. -#}
{% set named = 5 %}

with days as (
    select score.*
    from {{ ref('scores') }} as score
    inner join {{ ref('int_rules') }} as setting
        on setting.client_id = '' and setting.rule = 'quality'
    cross join {{ ref('stg_run') }} as run
    where
        score.client_id = ''
        and score.date > run.as_of::date - 1 - setting.parameters['days']::integer
),

-- The newest day with delivery says how much history there was to compare it with.
histories as (
    select
        series.client_id,
        series.platform,
        series.account_id,
        arg_max(series.history_days, series.date) as history_days,
        arg_max(series.min_days, series.date) as min_days
    from {{ ref('int_series') }} as series
    inner join {{ ref('int_account_days') }} as account
        on
            series.platform = account.platform
            and series.account_id = account.account_id
            and series.client_id = account.client_id
            and account.date = account.last_closed_date
    where series.impressions > 0
    group by all
),

short_histories as (
    select
        client_id,
        platform,
        min(history_days) as days,
        max(min_days)::integer as needed
    from histories
    where history_days < min_days
    group by all
),

listed as (
    select
        coalesce(list(
            {
                'client': client_id, 'platform': platform, 'days': days,
                'needed': needed
            }
            order by client_id, platform
        ), []) as short_history,
        array_to_string(list_transform(
            short_history[:{{ named }}],
            lambda short: format(
                '{} on {} ({} of {} days)',
                short.client, short.platform, short.days, short.needed
            )
        ), ', ') as names
    from short_histories
),

counted as (
    select
        coalesce(round(avg(days.score::decimal(9, 6)), 2), 100) as score,
        coalesce(sum(days.score::decimal(9, 6)), 0)::double as good,
        100 * count(days.date) as total,
        arg_min(days.worst_client, (days.worst_score, days.date)) as worst_client,
        min(days.worst_score) as worst_score,
        (
            select setting.parameters['percent']
            from {{ ref('int_rules') }} as setting
            where setting.client_id = '' and setting.rule = 'quality'
        ) as target
    from days
)

select
    'quality' as name,
    case when score >= target then 'pass' else 'warn' end as status,
    score::varchar as observed,
    target::varchar as expected,
    format(
        'the agency''s score of the last week is {} of 100; the lowest is {} ({})',
        score, coalesce(worst_score, 100), coalesce(worst_client, 'none')
    )
    || if(
        len(listed.short_history) > 0,
        '; too little history for the rules about series: ' || listed.names, ''
    )
    || if(
        len(listed.short_history) > {{ named }},
        format(', {} more', len(listed.short_history) - {{ named }}), ''
    ) as message,
    to_json({
        'score': score, 'worstClient': worst_client, 'worstScore': worst_score,
        'good': good, 'total': total, 'shortHistory': listed.short_history
    }) as details
from counted
cross join listed
