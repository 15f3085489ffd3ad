-- Invoices that are not what the ledger knows: one row per client, platform, account
-- and month whose invoice differs, cannot be compared, or did not come.
with months as (
    select
        match.*,
        last_day(match.month) as last_date,
        match.status = 'no_invoice' as is_lacking,
        setting.parameters['late_days']::integer as late_days
    from {{ ref('invoice_match') }} as match
    inner join {{ ref('int_rules') }} as setting
        on match.client_id = setting.client_id and setting.rule = 'invoice_differs'
    where
        match.status in ('differs', 'no_invoice', 'other_currency', 'not_registered')
)

select
    'invoice_differs' as rule,
    null::varchar as version_id,
    months.client_id,
    months.platform,
    -- It concerns a month of the account, and no day of it.
    '' as account_id,
    null::varchar as campaign_id,
    months.last_date as date,
    'invoice of ' || months.account_id as metric,
    coalesce(months.invoice || ' ' || months.invoice_currency, 'no invoice')
        as observed,
    concat_ws(
        ' and ', months.ledger_spend || ' ' || months.currency, months.adjusted
    ) as expected,
    format(
        'the {} account {} in {}: {}',
        months.platform, months.account_id, strftime(months.month, '%Y-%m'),
        case months.status
            when 'differs'
                then format(
                    'of the invoice of {:.2f} {} the ledger explains {:.2f} and'
                    ' adjustments {:.2f}; {:.2f} remain',
                    months.invoice, months.currency, months.ledger_spend,
                    months.adjustments, months.remainder
                )
            when 'no_invoice'
                then format(
                    '{:.2f} {} were spent, and agency/invoices.csv has no invoice',
                    months.ledger_spend, months.currency
                )
            when 'other_currency'
                then format(
                    'the invoice is in {}, the account in {}: they are not compared',
                    coalesce(months.invoice_currency, 'several currencies'),
                    months.currency
                )
            else format(
                'there is an invoice, and agency/accounts.csv does not have the'
                ' account for {} then',
                months.client_id
            )
        end
    ) as message
from months
cross join {{ ref('stg_run') }} as run
where
    not months.is_lacking
    or run.as_of::date > months.last_date + months.late_days
