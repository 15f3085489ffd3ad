-- Answers that cannot be read: one row per version and answer in which a field is
-- missing or is not what it should be.
with answers as (
    select
        version_id,
        campaign_id,
        'delivery' as metric,
        invalid
    from {{ ref('int_delivery') }}
    where invalid is not null
    union all
    select
        version_id,
        campaign_id,
        'conversions' as metric,
        string_agg(invalid, ', ' order by action_id) as invalid
    from {{ ref('int_conversions') }}
    where invalid is not null
    group by version_id, campaign_id
    union all
    select
        version_id,
        '' as campaign_id,
        'control_totals' as metric,
        string_agg(invalid, ', ' order by action_id) as invalid
    from {{ ref('int_control_totals') }}
    where invalid is not null
    group by version_id
    union all
    select
        version_id,
        '' as campaign_id,
        unnest(list_filter(
            [
                case when delivery_rows is null then 'delivery' end,
                case when conversions_rows is null then 'conversions' end,
                case when control_totals_rows is null then 'control_totals' end
            ],
            lambda answer: answer is not null
        )) as metric,
        'no list of rows' as invalid
    from {{ ref('int_versions') }}
)

select
    'required_fields' as rule,
    version.version_id,
    version.client_id,
    version.platform,
    version.account_id,
    nullif(answers.campaign_id, '') as campaign_id,
    version.date,
    answers.metric,
    answers.invalid as observed,
    'every field there and of its type' as expected,
    format(
        'the {} answer cannot be read ({})',
        replace(answers.metric, '_', ' '), answers.invalid
    ) as message
from answers
inner join {{ ref('int_versions') }} as version
    on answers.version_id = version.version_id
