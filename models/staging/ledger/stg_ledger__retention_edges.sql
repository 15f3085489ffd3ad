-- Where a platform was found to refuse older days: one row per account, what was found
-- last.
with edges as (
    {{ ledger_rows('retention_edges', {
        'platform': 'varchar',
        'account_id': 'varchar',
        'kept_days': 'bigint',
        'kept_from': 'date',
        'message': 'varchar',
        'run_id': 'varchar',
        'seen_on': 'date',
        'seen_at': 'timestamptz',
    }) }}
)

select *
from edges
qualify row_number() over (
    partition by platform, account_id order by seen_at desc, run_id desc
) = 1
