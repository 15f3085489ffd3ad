-- The ledger of alerts: what was noticed, and what is told to which channel.
create schema if not exists told;
create sequence if not exists told.number;

-- Every change of an incident that was told, or that waits for the digest.
create table if not exists told.events (
    number bigint not null default nextval('told.number'),
    happened_at timestamptz not null,
    run_id varchar not null,
    incident varchar not null,
    kind varchar not null,
    severity varchar not null,
    title varchar not null,
    message_id varchar
);

create table if not exists told.messages (
    message_id varchar not null,
    made_at timestamptz not null,
    kind varchar not null,
    severity varchar not null,
    subject varchar not null,
    body varchar not null
);

-- The outbox: a message has one row for each channel it is for. A channel's address is
-- a secret, so only a fingerprint of it is here.
create table if not exists told.deliveries (
    number bigint not null default nextval('told.number'),
    message_id varchar not null,
    channel varchar not null,
    state varchar not null,
    attempts integer not null,
    next_at timestamptz not null,
    sent_at timestamptz
);

create table if not exists told.silences (
    silence_id varchar not null,
    pattern varchar not null,
    until timestamptz not null,
    reason varchar not null,
    silenced_by varchar not null,
    made_at timestamptz not null,
    ended_at timestamptz
);
