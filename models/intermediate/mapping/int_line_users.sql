-- How many accounts count by a line of the agency's file that names an action by its
-- name: one row per client and line. A default counts for other clients too.
{{ config(materialized='ephemeral') }}

with users as (
    select
        client_id,
        platform,
        mapped_by,
        is_own,
        line_from,
        count(distinct account_id) as accounts
    from {{ ref('int_action_lines') }}
    where not by_number and precedence = 1 and not is_displaced
    group by all
)

select
    *,
    sum(accounts) over (
        partition by platform, mapped_by, is_own, line_from, if(is_own, client_id, '')
    ) - accounts as accounts_of_others
from users
