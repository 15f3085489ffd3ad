-- Waivers that are in force: one row per line of the agency's file, not expired.
{{ config(materialized='ephemeral') }}

select waiver.*
from {{ ref('stg_agency__waivers') }} as waiver
inner join {{ ref('stg_run') }} as run
    on coalesce(waiver.expires_on, run.as_of::date) >= run.as_of::date
