-- Platforms as a run found them: one row per run and platform.
with platforms as (
    {{ ledger_rows('platforms', {
        'run_id': 'varchar',
        'platform': 'varchar',
        'api_version': 'varchar',
        'usage_percent': 'double',
        'token_valid': 'boolean',
        'token_told': 'boolean',
        'token_expires_at': 'timestamptz',
        'token_problem': 'varchar',
        'seen_at': 'timestamptz',
    }) }}
)

select * from platforms
