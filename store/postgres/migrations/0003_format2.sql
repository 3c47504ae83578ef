-- What format 2 of the document brings to the tables. Whatever is new is NULL or zero in rows from before, but for what
-- migration 0006 fills in. No table is rewritten.

ALTER TABLE {schema}.orders
	ADD COLUMN paid_at       timestamptz, -- whatever happened since
	ADD COLUMN taken_back_at timestamptz, -- when the last of what it delivered was
	ADD COLUMN given_back    bigint,      -- of its refunds, what is due, was made or was reversed
	ADD COLUMN refunds       integer NOT NULL DEFAULT 0, -- how many there are in order_refunds
	ADD COLUMN tax_included  boolean NOT NULL DEFAULT false,
	ADD COLUMN present       boolean NOT NULL DEFAULT false, -- the customer was there when it was placed
	ADD COLUMN given_back_currency text COLLATE "C",
	ADD COLUMN taxes         text COLLATE "C", -- JSON
	ADD COLUMN action        text COLLATE "C"; -- JSON; a credential of the payer's

-- The lists of kinds give way to what says that there is one, as in SQLite, where a list can't be changed: a kind that
-- comes needs no migration then. What stood up to the list stands up to this, and isn't looked at again.
ALTER TABLE {schema}.orders DROP CONSTRAINT orders_kind_check,
	ADD CONSTRAINT orders_kind_check CHECK (kind <> '') NOT VALID;
ALTER TABLE {schema}.entries DROP CONSTRAINT entries_kind_check,
	ADD CONSTRAINT entries_kind_check CHECK (kind <> '') NOT VALID;

-- No period of a subscription is renewed twice, unless what was paid for it was taken back.
DROP INDEX {schema}.orders_renewal;
CREATE UNIQUE INDEX orders_renewal ON {schema}.orders (application_id, subscription, renews_from)
	WHERE status = 'paid' AND renews_from IS NOT NULL AND taken_back_at IS NULL;

ALTER TABLE {schema}.records ADD COLUMN digest bigint; -- of the record's content

-- The store's identity, which is part of every key at the gateway. It is made when the schema is migrated.
CREATE TABLE {schema}.identity (
	one boolean NOT NULL PRIMARY KEY CHECK (one),
	id  text COLLATE "C" NOT NULL CHECK (length(id) = 16)
);

-- Money of orders that goes back.
CREATE TABLE {schema}.order_refunds (
	amount         bigint NOT NULL CHECK (amount >= 0), -- minor units of the currency
	due_at         timestamptz,
	closed_at      timestamptz,
	number         integer NOT NULL, -- among those of the order, from 1
	application_id text COLLATE "C" NOT NULL,
	order_id       text COLLATE "C" NOT NULL,
	kind           text COLLATE "C" NOT NULL CHECK (kind <> ''),
	status         text COLLATE "C" NOT NULL CHECK (status <> ''),
	account        text COLLATE "C" NOT NULL,
	currency       text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
	taxes          text COLLATE "C", -- JSON: its share of each
	take           text COLLATE "C", -- what is taken back of what the order delivered
	notice         text COLLATE "C", -- the ID of the notice that it came with
	key            text COLLATE "C", -- the gateway's
	note           text COLLATE "C",
	asked_by       text COLLATE "C",
	reason         text COLLATE "C", -- why it failed
	reference      text COLLATE "C",
	PRIMARY KEY (application_id, order_id, number)
) WITH (
	fillfactor = 80, -- a refund is written twice: when it is due, and when it is made
	autovacuum_analyze_threshold = 1000, autovacuum_analyze_scale_factor = 0.05
);

-- What subscriptions are searched by, those that are over included. A row is written only when it changes.
CREATE TABLE {schema}.subscription_rows (
	opened_at      timestamptz,
	paid_until     timestamptz,
	trial          boolean NOT NULL,
	auto_renew     boolean NOT NULL,
	application_id text COLLATE "C" NOT NULL,
	id             text COLLATE "C" NOT NULL,
	account        text COLLATE "C" NOT NULL,
	product        text COLLATE "C" NOT NULL,
	version        text COLLATE "C", -- in force
	status         text COLLATE "C" NOT NULL CHECK (status <> ''),
	currency       text COLLATE "C" NOT NULL,
	PRIMARY KEY (application_id, id)
) WITH (
	fillfactor = 70, -- a renewal changes paid_until
	autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.05,
	autovacuum_analyze_threshold = 1000, autovacuum_analyze_scale_factor = 0.05
);

-- How far migration 0006 has come; it drops the table at its end.
CREATE TABLE {schema}.filled (after text COLLATE "C" NOT NULL);
INSERT INTO {schema}.filled (after) VALUES ('');
