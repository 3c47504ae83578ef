-- What format 2 of the document brings to the tables. Whatever is new is NULL or zero in rows from before, but for what
-- migration 0006 fills in.

ALTER TABLE prepaid_orders ADD COLUMN paid_at INTEGER;       -- whatever happened since
ALTER TABLE prepaid_orders ADD COLUMN taken_back_at INTEGER; -- when the last of what it delivered was
ALTER TABLE prepaid_orders ADD COLUMN taxes TEXT;            -- JSON
ALTER TABLE prepaid_orders ADD COLUMN tax_included INTEGER NOT NULL DEFAULT 0;
ALTER TABLE prepaid_orders ADD COLUMN present INTEGER NOT NULL DEFAULT 0; -- the customer was there when it was placed
ALTER TABLE prepaid_orders ADD COLUMN action TEXT;           -- JSON; a credential of the payer's
ALTER TABLE prepaid_orders ADD COLUMN refunds INTEGER NOT NULL DEFAULT 0; -- how many there are in prepaid_order_refunds
ALTER TABLE prepaid_orders ADD COLUMN given_back INTEGER;    -- of them, what is due, was made or was reversed
ALTER TABLE prepaid_orders ADD COLUMN given_back_currency TEXT;

-- No period of a subscription is renewed twice, unless what was paid for it was taken back.
DROP INDEX prepaid_orders_renewal;
CREATE UNIQUE INDEX prepaid_orders_renewal ON prepaid_orders (application_id, subscription, renews_from)
	WHERE status = 'paid' AND renews_from IS NOT NULL AND taken_back_at IS NULL;

ALTER TABLE prepaid_records ADD COLUMN digest INTEGER; -- of the record's content

-- The store's identity, which is part of every key at the gateway. It is made when the file is migrated.
CREATE TABLE prepaid_identity (
	one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
	id  TEXT NOT NULL CHECK (length(id) = 16)
) STRICT;

-- Money of orders that goes back.
CREATE TABLE prepaid_order_refunds (
	application_id TEXT NOT NULL,
	order_id       TEXT NOT NULL,
	number         INTEGER NOT NULL, -- among those of the order, from 1
	kind           TEXT NOT NULL CHECK (kind <> ''),
	status         TEXT NOT NULL CHECK (status <> ''),
	account        TEXT NOT NULL,
	amount         INTEGER NOT NULL CHECK (amount >= 0),
	currency       TEXT NOT NULL CHECK (length(currency) = 3),
	taxes          TEXT, -- JSON: its share of each
	take           TEXT, -- what is taken back of what the order delivered
	notice         TEXT, -- the ID of the notice that it came with
	key            TEXT, -- the gateway's
	note           TEXT,
	asked_by       TEXT,
	due_at         INTEGER,
	closed_at      INTEGER,
	reason         TEXT, -- why it failed
	reference      TEXT,
	PRIMARY KEY (application_id, order_id, number)
) STRICT, WITHOUT ROWID;

-- What subscriptions are searched by, those that are over included. A row is written only when it changes.
CREATE TABLE prepaid_subscription_rows (
	application_id TEXT NOT NULL,
	id             TEXT NOT NULL,
	account        TEXT NOT NULL,
	product        TEXT NOT NULL,
	version        TEXT, -- in force
	status         TEXT NOT NULL CHECK (status <> ''),
	currency       TEXT NOT NULL,
	trial          INTEGER NOT NULL CHECK (trial IN (0, 1)),
	auto_renew     INTEGER NOT NULL CHECK (auto_renew IN (0, 1)),
	opened_at      INTEGER,
	paid_until     INTEGER,
	PRIMARY KEY (application_id, id)
) STRICT, WITHOUT ROWID;

-- How far migration 0006 has come; it drops the table at its end.
CREATE TABLE prepaid_filled (
	one   INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
	after TEXT NOT NULL
) STRICT;
INSERT INTO prepaid_filled (one, after) VALUES (1, '');

-- The lists of kinds of orders and entries give way to what says that there is one: SQLite can't alter a constraint, and
-- to copy tables of years for each kind that comes, in one transaction, would take hours and twice the disk. The text of
-- the table is edited instead, as SQLite's documentation of ALTER TABLE describes it for constraints that are removed; it
-- says nothing of how rows are stored. The statements above have told other connections that the schema is another one.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (kind IN (''purchase'', ''upgrade'', ''renewal'', ''top_up'', ''usage''))', 'CHECK (kind <> '''')')
	WHERE type = 'table' AND name = 'prepaid_orders';
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (kind IN (''granted'', ''expired'', ''consumed'', ''reserved'', ''released'', ''refunded''))', 'CHECK (kind <> '''')')
	WHERE type = 'table' AND name = 'prepaid_entries';
PRAGMA writable_schema = RESET;
