-- What an answer says of an account's day as a whole: one row per version that has
-- delivery. A version never changes, so it is summed once: only those that are not here
-- yet are added.
{{ config(materialized='incremental') }}

with delivery as (
    select
        version_id,
        spend,
        impressions,
        clicks,
        link_clicks,
        round(spend::double * 100)::bigint as hundredths
    from {{ ref('int_delivery') }}
    where
        (impressions > 0 or clicks > 0 or spend > 0)
        {% if is_incremental() %}
            and version_id not in (select known.version_id from {{ this }} as known)
        {% endif %}
),

sums as (
    select
        version_id,
        count(*) as campaigns,
        -- Wide enough for what is absurd: a rule says so, not an error.
        sum(spend) as spend,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(link_clicks)::bigint as link_clicks,
        count(nullif(impressions, 0)) + count(nullif(clicks, 0))
        + count(nullif(link_clicks, 0)) as counts,
        count(nullif(hundredths, 0)) as amounts,
        list(coalesce(hundredths, 0)) as all_amounts,
        list(coalesce(impressions, 0)) || list(coalesce(clicks, 0))
        || list(coalesce(link_clicks, 0)) as all_counts,
        -- The figures without the names: what two answers never share by chance.
        md5_number_lower(string_agg(
            concat_ws(',', impressions, clicks, hundredths),
            ';' order by impressions desc, clicks desc, hundredths desc
        )) as figures
    from delivery
    group by version_id
),

answers as (
    select
        version_id,
        -- An action's value without its count is no action.
        count(*) filter (where conversions <> 0 or all_conversions <> 0) as actions
    from {{ ref('int_conversions') }}
    where version_id in (select sums.version_id from sums)
    group by version_id
)

-- Counts and amounts that are not zero, and the factor that all of them share.
select
    sums.version_id,
    sums.campaigns,
    sums.spend,
    sums.impressions,
    sums.clicks,
    sums.link_clicks,
    coalesce(answers.actions, 0) as actions,
    sums.counts,
    list_reduce(sums.all_counts, (a, b) -> greatest_common_divisor(a, b))::bigint
        as count_factor,
    sums.amounts,
    list_reduce(sums.all_amounts, (a, b) -> greatest_common_divisor(a, b))::bigint
        as amount_factor,
    sums.figures
from sums
left join answers
    on sums.version_id = answers.version_id
