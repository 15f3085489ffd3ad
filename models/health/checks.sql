-- What a person must know: one row per check, judged at the instant of the build. One
-- that only repeats what another says names it.
{# The folder checks/ is ephemeral, and its settings reach a model of its name. -#}
{{ config(materialized='table', access='public') }}

select
    judged.name,
    judged.status,
    judged.severity,
    judged.observed,
    judged.expected,
    judged.message
    || coalesce(
        '; follows from ' || array_to_string(following.follows_from, ', '), ''
    ) as message,
    judged.runbook,
    judged.details,
    coalesce(following.follows_from, []) as follows_from
from {{ ref('judged_checks') }} as judged
left join {{ ref('following_checks') }} as following
    on judged.name = following.name
