-- Conversion actions as their platform describes them: one row per action and change.
-- What a smaller list did not tell is NULL; the last value that was told holds.
with actions as (
    {{ ledger_rows('actions', {
        'platform': 'varchar',
        'account_id': 'varchar',
        'action_id': 'varchar',
        'name': 'varchar',
        'status': 'varchar',
        'primary_for_goal': 'boolean',
        'click_window_days': 'bigint',
        'view_window_days': 'bigint',
        'content_hash': 'varchar',
        'run_id': 'varchar',
        'seen_at': 'timestamptz',
    }) }}
)

select * from actions
