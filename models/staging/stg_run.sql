-- The build itself: one row. The clock and the run's identity enter here and nowhere
-- else.
with environment as (
    select
        {{ environment('WHOLEDAY_AS_OF') }}::timestamptz as as_of,
        {{ environment('WHOLEDAY_NOW') }}::timestamptz as clock,
        {{ environment('WHOLEDAY_RUN_STARTED_AT') }}::timestamptz as started_at
)

select
    coalesce({{ environment('WHOLEDAY_RUN_ID') }}, 'unnamed') as run_id,
    coalesce(started_at, as_of, clock, now()) as started_at,
    coalesce(as_of, clock, now()) as as_of,
    coalesce({{ environment('WHOLEDAY_RUN_API') }}, 'sandbox') as api,
    coalesce({{ environment('WHOLEDAY_RUN_COMMAND') }}, 'dbt') as command,
    coalesce({{ environment('WHOLEDAY_FINGERPRINT') }}, '{}') as fingerprint
from environment
