-- How long the days of accounts can change: one row per account and change. An account
-- without one changes as long as its platform's daily looks.
with restatement_windows as (
    {{ ledger_rows('restatement_windows', {
        'platform': 'varchar',
        'account_id': 'varchar',
        'days': 'bigint',
        'longest_days': 'bigint',
        'action_id': 'varchar',
        'action_name': 'varchar',
        'run_id': 'varchar',
        'seen_on': 'date',
        'seen_at': 'timestamptz',
    }) }}
)

select * from restatement_windows
