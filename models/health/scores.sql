-- Scores from 0 to 100: one row per client and closed date; client_id '' is the agency,
-- the mean of its clients.
with clients as (
    select
        client_id,
        date,
        round(avg(completeness), 6) as completeness,
        round(avg(split), 6) as split,
        round(avg(freshness), 6) as freshness,
        round(avg(consistency), 6) as consistency,
        round(avg(reconciliation), 6) as reconciliation
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
        round(avg(completeness), 6) as completeness,
        round(avg(split), 6) as split,
        round(avg(freshness), 6) as freshness,
        round(avg(consistency), 6) as consistency,
        round(avg(reconciliation), 6) as reconciliation,
        round(avg(score), 6) as score,
        arg_min(client_id, (score, client_id)) as worst_client,
        round(min(score), 6) as worst_score
    from scored_clients
    group by date
)

select
    client_id,
    date,
    round(completeness + split + freshness + consistency + reconciliation, 6) as score,
    completeness,
    split,
    freshness,
    consistency,
    reconciliation,
    worst_client,
    worst_score
from scores
