-- Figures that more than one account-day has, and that are too large for chance: one
-- row per figures.
{{ config(materialized='ephemeral') }}

select figures
from {{ ref('int_series_days') }}
where impressions >= 100 and clicks >= 3
group by figures
having count(*) > 1
