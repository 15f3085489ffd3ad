-- What the days of a client and month are made of, as a fingerprint: one row each. It
-- costs a tenth of writing them.
create or replace temp table day_months as
with parts as (
    select
        client_id,
        date_trunc('month', date)::date as month,
        hash(account_days) as part,
        true as is_day
    from health.account_days
    where
        status <> 'not_expected'
        and date > (
            select max(newest.date) - getvariable('days')::integer
            from health.account_days as newest
        )
    union all
    select
        client_id,
        date_trunc('month', date)::date as month,
        hash(daily_kpi) as part,
        false as is_day
    from marts.daily_kpi
    union all
    select
        client_id,
        date_trunc('month', date)::date as month,
        hash(findings) as part,
        false as is_day
    from health.findings
    union all
    select
        client_id,
        date_trunc('month', date)::date as month,
        hash(restatements) as part,
        false as is_day
    from marts.restatements
    union all
    select
        account_day.client_id,
        date_trunc('month', account_day.date)::date as month,
        hash(version.version_id) as part,
        false as is_day
    from staging.stg_ledger__account_days as version
    inner join health.account_days as account_day
        on
            version.platform = account_day.platform
            and version.account_id = account_day.account_id
            and version.date = account_day.date
)

select
    client_id,
    month,
    bit_xor(part)::varchar || ' ' || count(*) as fingerprint,
    false as is_changed
from parts
group by client_id, month
having bool_or(is_day)
