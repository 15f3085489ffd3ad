-- What the calendar shows of a day: one row per client and month that changed, as JSON.
-- Every part is a table with a list per column: a tenth of the time and half the size
-- of a list of rows. Figures are strings, so that no digit is lost.
with account_days as (
    select
        account_day.*,
        changed.month
    from health.account_days as account_day
    inner join day_months as changed
        on
            account_day.client_id = changed.client_id
            and date_trunc('month', account_day.date) = changed.month
            and changed.is_changed
    where
        account_day.status <> 'not_expected'
        and account_day.date > (
            select max(date) - getvariable('days')::integer
            from health.account_days
        )
),

figures as (
    select
        client_id,
        date_trunc('month', date)::date as month,
        to_json({
            'date': list(date order by date, platform),
            'platform': list(platform order by date, platform),
            'currency': list(currency order by date, platform),
            'spend': list(total_spend::varchar order by date, platform),
            'impressions': list(total_impressions order by date, platform),
            'clicks': list(total_clicks order by date, platform),
            'calls': list(click_to_call::varchar order by date, platform),
            'emails': list(email_contacts::varchar order by date, platform),
            'reservations': list(reservations::varchar order by date, platform),
            'value': list(reservation_value::varchar order by date, platform),
            'tracked': list(conversions_state order by date, platform),
            'maturity': list(maturity order by date, platform),
            'quality': list(quality_score order by date, platform)
        }) as figures
    from marts.daily_kpi
    where (client_id, date_trunc('month', date)) in (
        select (client_id, month)
        from day_months
        where is_changed
    )
    group by all
),

accounts as (
    select
        client_id,
        month,
        to_json({
            'date': list(date order by date, platform, account_id),
            'platform': list(platform order by date, platform, account_id),
            'account': list(account_id order by date, platform, account_id),
            'status': list(status order by date, platform, account_id),
            'reason': list(reason order by date, platform, account_id),
            'waived': list(waived order by date, platform, account_id),
            'attempts': list(attempts order by date, platform, account_id),
            'version': list(version_id order by date, platform, account_id),
            'confirmed': list(
                epoch_ms(confirmed_at) order by date, platform, account_id
            )
        }) as accounts
    from account_days
    group by all
),

-- How each version was collected. The one that stands for the day is named above.
account_versions as (
    select
        account_day.client_id,
        account_day.month,
        version.date,
        version.account_id,
        version.version_id,
        version.run_id,
        version.data_source,
        version.api_version,
        version.started_at,
        epoch_ms(version.finished_at) as collected_ms,
        version.requests,
        version.delivery_rows + version.conversions_rows as answer_rows
    from staging.stg_ledger__account_days as version
    inner join account_days as account_day
        on
            version.platform = account_day.platform
            and version.account_id = account_day.account_id
            and version.date = account_day.date
),

versions as (
    select
        client_id,
        month,
        to_json({
            'date': list(date order by started_at, date, version_id),
            'account': list(account_id order by started_at, date, version_id),
            'version': list(version_id order by started_at, date, version_id),
            'run': list(run_id order by started_at, date, version_id),
            'source': list(data_source order by started_at, date, version_id),
            'api': list(api_version order by started_at, date, version_id),
            'collected': list(collected_ms order by started_at, date, version_id),
            'requests': list(requests order by started_at, date, version_id),
            'rows': list(answer_rows order by started_at, date, version_id)
        }) as versions
    from account_versions
    group by all
),

-- Few, so a list of rows does.
findings as (
    select
        client_id,
        date_trunc('month', date)::date as month,
        to_json(list({
            'date': date,
            'platform': platform,
            'account': account_id,
            'campaign': campaign_id,
            'rule': rule,
            'severity': severity,
            'metric': metric,
            'observed': observed,
            'expected': expected,
            'message': message,
            'waived': waived
        } order by date, platform, account_id, rule, campaign_id, metric)) as findings
    from health.findings
    where client_id in (select client_id from account_days)
    group by all
),

changes as (
    select
        client_id,
        date_trunc('month', date)::date as month,
        to_json(list({
            'date': date,
            'account': account_id,
            'metric': metric,
            'before': previous_value::varchar,
            'after': value::varchar,
            'at': epoch_ms(changed_at)
        } order by date, account_id, changed_at, metric)) as changes
    from marts.restatements
    group by all
)

select
    accounts.client_id,
    strftime(accounts.month, '%Y-%m') as month,
    format(
        '{{"accounts":{},"figures":{},"versions":{},"findings":{},"changes":{}}}',
        accounts.accounts,
        coalesce(figures.figures, '{}'),
        coalesce(versions.versions, '{}'),
        coalesce(findings.findings, '[]'),
        coalesce(changes.changes, '[]')
    ) as content
from accounts
left join figures
    on accounts.client_id = figures.client_id and accounts.month = figures.month
left join versions
    on accounts.client_id = versions.client_id and accounts.month = versions.month
left join findings
    on accounts.client_id = findings.client_id and accounts.month = findings.month
left join changes
    on accounts.client_id = changes.client_id and accounts.month = changes.month
order by all
