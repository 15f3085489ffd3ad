-- Sources whose figures are added to those of the ad platforms: one row per client and
-- platform of which every account says so in files.csv.
{{ config(materialized='ephemeral') }}

select
    account.client_id,
    account.platform
from {{ ref('stg_agency__accounts') }} as account
left join {{ ref('stg_files__accounts') }} as file
    on account.account_id = file.account_id
where account.platform = 'files'
group by account.client_id, account.platform
having bool_and(coalesce(file.in_total, false))
