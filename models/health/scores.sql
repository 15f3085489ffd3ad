-- Scores from 0 to 100: one row per client and closed date; client_id '' is the agency,
-- the mean of its clients.
with clients as (
    select
        client_id,
        {% for part in score_parts() -%}
            avg({{ part }})::decimal(9, 6) as {{ part }},
        {% endfor -%}
        date
    from {{ ref('int_account_day_scores') }}
    group by all
),

scored_clients as (
    select
        *,
        {{ score_parts() | join(' + ') }} as score
    from clients
),

scores as (
    select
        *,
        null as worst_client,
        null as worst_score
    from scored_clients
    union all
    select
        '' as client_id,
        {% for part in score_parts() -%}
            avg({{ part }})::decimal(9, 6) as {{ part }},
        {% endfor -%}
        date,
        avg(score)::decimal(9, 6) as score,
        arg_min(client_id, (score, client_id)) as worst_client,
        min(score) as worst_score
    from scored_clients
    group by date
)

select
    client_id,
    date,
    score::double as score,
    {% for part in score_parts() -%}
        {{ part }}::double as {{ part }},
    {% endfor -%}
    worst_client,
    worst_score::double as worst_score
from scores
