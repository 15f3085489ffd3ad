-- What the days of a client and month are made of, as a fingerprint: one row each. It
-- costs a tenth of writing them.
create or replace temp table day_months as
with parts as (
    select
        client_id,
        date_trunc('month', date)::date as month,
        hash(account_day) as part,
        true as is_day
    from health.account_days as account_day
    where
        status <> 'not_expected'
        and date > (
            select max(date) - getvariable('days')::integer
            from health.account_days
        )
    union all
    select
        client_id,
        date_trunc('month', date)::date as month,
        hash(daily) as part,
        false as is_day
    from marts.daily_kpi as daily
    union all
    select
        client_id,
        date_trunc('month', date)::date as month,
        hash(finding) as part,
        false as is_day
    from health.findings as finding
    union all
    select
        client_id,
        date_trunc('month', date)::date as month,
        hash(restatement) as part,
        false as is_day
    from marts.restatements as restatement
    union all
    select
        account_day.client_id,
        date_trunc('month', account_day.date)::date as month,
        hash(version.version_id) as part,
        false as is_day
    from staging.stg_ledger__account_days as version
    inner join health.account_days as account_day using (platform, account_id, date)
)

select
    client_id,
    month,
    bit_xor(part)::varchar || ' ' || count(*) as fingerprint,
    false as is_changed
from parts
group by client_id, month
having bool_or(is_day)
