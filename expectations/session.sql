-- What the SQL of a suite may use besides its tables. as_of (TIMESTAMPTZ) is the instant the data is judged at:
-- read it with getvariable('as_of'), never the machine's clock.
set timezone = 'UTC';

create temp macro backfill(client, platform, from_date, to_date) as
    'make backfill CLIENT=' || client || ' PLATFORM=' || platform || ' FROM=' || from_date || ' TO=' || to_date;
