-- What platforms invoiced beside what the ledger knows: one row per client, platform,
-- account and month that has an invoice, or that lacks one after the client had others.
with lines as (
    select
        client_id,
        platform,
        account_id,
        month,
        -- No sum crosses currencies.
        if(count(distinct currency) = 1, any_value(currency), null) as currency,
        sum(amount) filter (where adjustment is null) as invoice,
        coalesce(sum(amount) filter (where adjustment is not null), 0) as adjustments,
        sum(tax) as tax,
        string_agg(
            format('{} {:.2f}', adjustment, amount), ', ' order by adjustment, amount
        ) as adjusted
    from {{ ref('stg_agency__invoices') }}
    group by client_id, platform, account_id, month
),

-- Before a client's first invoice of a platform the agency kept none of it here.
first_months as (
    select
        client_id,
        platform,
        min(month) as month
    from lines
    group by client_id, platform
),

-- What a waived difference left of the account's own total was spent as well.
remainders as (
    select
        version_id,
        sum(spend) as spend
    from {{ ref('int_remainders') }}
    where spend is not null
    group by version_id
),

account_months as (
    select
        day.client_id,
        day.platform,
        day.account_id,
        date_trunc('month', day.date)::date as month,
        any_value(day.currency) as currency,
        count(*) as days_expected,
        count(*) filter (where day.status = 'whole') as days_whole,
        sum(
            case
                when day.status = 'whole'
                    then coalesce(facts.spend, 0) + coalesce(remainder.spend, 0)
            end
        ) as spend,
        last_day(any_value(day.date)) <= max(day.last_closed_date) as is_over
    from {{ ref('int_account_days') }} as day
    inner join first_months
        on
            day.client_id = first_months.client_id
            and day.platform = first_months.platform
            and day.date >= first_months.month
    left join {{ ref('int_version_facts') }} as facts
        on day.version_id = facts.version_id
    left join remainders as remainder
        on day.version_id = remainder.version_id
    where day.is_due and day.status <> 'not_expected'
    group by day.client_id, day.platform, day.account_id, date_trunc('month', day.date)
),

compared as (
    select
        coalesce(lines.client_id, account.client_id) as client_id,
        coalesce(lines.platform, account.platform) as platform,
        coalesce(lines.account_id, account.account_id) as account_id,
        coalesce(lines.month, account.month) as month,
        coalesce(account.currency, lines.currency) as currency,
        lines.currency as invoice_currency,
        account.spend as ledger_spend,
        lines.invoice,
        lines.adjustments,
        lines.adjusted,
        lines.tax,
        account.days_expected,
        account.days_whole,
        account.is_over,
        lines.account_id is not null as is_told,
        -- Compared only where both are of one currency.
        case
            when lines.currency = account.currency
                then lines.invoice - account.spend - lines.adjustments
        end as remainder
    from lines
    full join account_months as account
        on
            lines.client_id = account.client_id
            and lines.platform = account.platform
            and lines.account_id = account.account_id
            and lines.month = account.month
    -- An account that cost nothing has no invoice.
    where lines.account_id is not null or account.spend > 0
)

select
    compared.client_id,
    compared.platform,
    compared.account_id,
    compared.month,
    compared.currency,
    compared.invoice_currency,
    {{ as_money('compared.ledger_spend') }} as ledger_spend,
    {{ as_money('compared.invoice') }} as invoice,
    {{ as_money('compared.adjustments') }} as adjustments,
    {{ as_money('compared.remainder') }} as remainder,
    {{ as_money('compared.tax') }} as tax,
    compared.adjusted,
    coalesce(compared.days_expected, 0) as days_expected,
    coalesce(compared.days_whole, 0) as days_whole,
    case
        when compared.days_expected is null then 'not_registered'
        when not compared.is_over then 'in_progress'
        when compared.invoice is null then 'no_invoice'
        when coalesce(compared.invoice_currency, '') <> compared.currency
            then 'other_currency'
        when compared.days_whole < compared.days_expected then 'incomplete'
        when
            abs(compared.remainder)
            <= setting.parameters['minor_units'] * {{ minor_unit('compared.currency') }}
            then 'matched'
        else 'differs'
    end as status
from compared
left join {{ ref('int_rules') }} as setting
    on compared.client_id = setting.client_id and setting.rule = 'invoice_differs'
