-- The agency's quality score over the last week: one row, with the client that has the
-- lowest.
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
        score, coalesce(worst_score, 100), coalesce(worst_client, 'nobody')
    ) as message,
    to_json({
        'score': score, 'worstClient': worst_client, 'worstScore': worst_score,
        'good': good, 'total': total
    }) as details
from counted
