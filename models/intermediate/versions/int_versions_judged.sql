-- Versions with their verdict: one row per version, its status and the reason if it is
-- not whole.
with blocking as (
    select
        version_id,
        rule,
        message,
        case rule
            when 'answers_present' then 'split'
            when 'reconciliation' then 'unreconciled'
            when 'suspect_empty' then 'suspect'
            else 'invalid'
        end as status,
        -- What cannot be read explains the rest, and missing conversions explain that
        -- totals differ.
        case rule
            when 'required_fields' then 1
            when 'answers_present' then 3
            when 'reconciliation' then 4
            when 'suspect_empty' then 5
            else 2
        end as rank,
        metric
    from {{ ref('int_rule_rows') }}
    where
        version_id is not null
        and (
            (blocks = 'day' and mode = 'live' and not waived)
            -- No sum crosses currencies: the agency's files cannot change that.
            or (rule = 'registered' and metric = 'currency')
        )
),

worst as (
    select *
    from blocking
    qualify row_number() over (
        partition by version_id order by rank, rule, metric, message
    ) = 1
),

versions as (
    select
        version.*,
        case
            when worst.version_id is not null then worst.status
            when version.is_settled then 'whole'
            else 'missing'
        end as status,
        worst.rule as broken_rule,
        worst.message as reason
    from {{ ref('int_versions') }} as version
    left join worst
        on version.version_id = worst.version_id
)

select * from versions
