-- Scores from 0 to 100: one row per client and closed date; client_id '' is the agency,
-- the mean of its clients.
with clients as (
    select
        client_id,
        date,
        avg(completeness)::decimal(9, 6) as completeness,
        avg(split)::decimal(9, 6) as split,
        avg(freshness)::decimal(9, 6) as freshness,
        avg(consistency)::decimal(9, 6) as consistency,
        avg(reconciliation)::decimal(9, 6) as reconciliation
    from {{ ref('int_account_day_scores') }}
    group by all
),

scored_clients as (
    select
        *,
        completeness + split + freshness + consistency + reconciliation as score
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
        date,
        avg(completeness)::decimal(9, 6) as completeness,
        avg(split)::decimal(9, 6) as split,
        avg(freshness)::decimal(9, 6) as freshness,
        avg(consistency)::decimal(9, 6) as consistency,
        avg(reconciliation)::decimal(9, 6) as reconciliation,
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
    completeness::double as completeness,
    split::double as split,
    freshness::double as freshness,
    consistency::double as consistency,
    reconciliation::double as reconciliation,
    worst_client,
    worst_score::double as worst_score
from scores
