-- Applications, their rows, and views of their documents.
--
-- Times are microseconds since 1970 in UTC, days are days since 1970-01-01, money is minor units beside its
-- currency, minutes are thousandths. NULL is an absent value, also a time that is zero. Text compares by its bytes.

-- One row an application. The document is the JSON of package store/document; the other columns repeat what is
-- searched for. The document comes last, so that the others are read without it.
CREATE TABLE prepaid_applications (
	id           TEXT NOT NULL PRIMARY KEY,
	revision     INTEGER NOT NULL CHECK (revision > 0),
	account      TEXT NOT NULL,
	created_at   INTEGER,
	due          INTEGER, -- NULL: never
	leased_until INTEGER, -- not indexed, so that a claim touches no index
	document     TEXT NOT NULL
) STRICT;

CREATE INDEX prepaid_applications_due ON prepaid_applications (due) WHERE due IS NOT NULL;

CREATE TABLE prepaid_orders (
	application_id      TEXT NOT NULL,
	id                  TEXT NOT NULL,
	placed_revision     INTEGER NOT NULL CHECK (placed_revision > 0), -- with placed_index its place, kept when it is replaced
	placed_index        INTEGER NOT NULL CHECK (placed_index >= 0),
	account             TEXT NOT NULL,
	kind                TEXT NOT NULL CHECK (kind IN ('purchase', 'upgrade', 'renewal', 'top_up', 'usage')),
	subscription        TEXT,
	product             TEXT,
	version             TEXT,
	placed_at           INTEGER,
	catalog             TEXT NOT NULL,
	agreement           TEXT,
	attempt             TEXT,
	amount              INTEGER NOT NULL CHECK (amount >= 0),
	currency            TEXT NOT NULL CHECK (length(currency) = 3),
	lines               TEXT NOT NULL, -- JSON
	deliveries          TEXT,          -- JSON
	status              TEXT NOT NULL CHECK (status IN ('open', 'paid', 'declined', 'review', 'cancelling', 'cancelled', 'refund_due', 'refunded', 'stray')),
	closed_at           INTEGER,
	reason              TEXT,
	note                TEXT,
	reference           TEXT,
	collected           INTEGER CHECK (collected >= 0),
	collected_currency  TEXT,
	delivered_start     INTEGER,
	delivered_end       INTEGER,
	delivered_zone      TEXT,
	delivered_increment INTEGER,
	delivered_total     INTEGER,
	delivered_remaining INTEGER,
	renews_from         INTEGER, -- the start of the period that it pays for, if it names one
	PRIMARY KEY (application_id, id),
	CHECK ((collected IS NULL) = (collected_currency IS NULL))
) STRICT;

CREATE UNIQUE INDEX prepaid_orders_place ON prepaid_orders (application_id, placed_revision, placed_index);

-- No period of a subscription is renewed twice, whatever else goes wrong.
CREATE UNIQUE INDEX prepaid_orders_renewal ON prepaid_orders (application_id, subscription, renews_from)
	WHERE status = 'paid' AND renews_from IS NOT NULL;

CREATE TABLE prepaid_entries (
	application_id TEXT NOT NULL,
	revision       INTEGER NOT NULL CHECK (revision > 0),
	"index"        INTEGER NOT NULL CHECK ("index" >= 0),
	at             INTEGER,
	kind           TEXT NOT NULL CHECK (kind IN ('granted', 'expired', 'consumed', 'reserved', 'released', 'refunded')),
	lot            INTEGER NOT NULL,
	quantity       INTEGER NOT NULL,
	order_id       TEXT,
	product        TEXT,
	usage          TEXT,
	day            INTEGER,
	reservation    TEXT,
	PRIMARY KEY (application_id, revision, "index")
) STRICT, WITHOUT ROWID;

CREATE TABLE prepaid_events (
	application_id TEXT NOT NULL,
	revision       INTEGER NOT NULL CHECK (revision > 0),
	"index"        INTEGER NOT NULL CHECK ("index" >= 0),
	at             INTEGER,
	type           TEXT NOT NULL CHECK (type <> ''),
	subscription   TEXT,
	product        TEXT,
	version        TEXT,
	from_status    TEXT,
	status         TEXT,
	period_start   INTEGER,
	period_end     INTEGER,
	period_zone    TEXT,
	order_id       TEXT,
	kind           TEXT,
	amount         INTEGER,
	currency       TEXT,
	lot            INTEGER,
	quantity       INTEGER,
	reason         TEXT,
	note           TEXT,
	PRIMARY KEY (application_id, revision, "index"),
	CHECK ((amount IS NULL) = (currency IS NULL))
) STRICT, WITHOUT ROWID;

-- Results of keyed requests.
CREATE TABLE prepaid_receipts (
	application_id TEXT NOT NULL,
	key            TEXT NOT NULL,
	kind           TEXT NOT NULL,
	digest         BLOB NOT NULL CHECK (length(digest) = 32),
	revision       INTEGER NOT NULL CHECK (revision > 0),
	at             INTEGER,
	order_id       TEXT,
	PRIMARY KEY (application_id, key)
) STRICT, WITHOUT ROWID;

-- Usage records that were counted.
CREATE TABLE prepaid_records (
	application_id TEXT NOT NULL,
	id             TEXT NOT NULL,
	day            INTEGER NOT NULL,
	PRIMARY KEY (application_id, id)
) STRICT, WITHOUT ROWID;

-- For reports. Times and days are ISO 8601 text here, as in the document; prices are text with their currency beside.
CREATE VIEW prepaid_subscriptions AS
SELECT a.id AS application_id, a.account, s.value ->> 'id' AS id, s.value ->> 'product' AS product,
	s.value ->> 'status' AS status, s.value ->> 'currency' AS currency,
	COALESCE(s.value ->> 'trial', 0) AS trial, COALESCE(s.value ->> 'auto_renew', 0) AS auto_renew,
	s.value ->> 'zone' AS zone, s.value ->> 'opened_at' AS opened_at,
	s.value ->> '$.cycles[0].period.start' AS first_start, s.value ->> '$.cycles[#-1].period.end' AS paid_until,
	COALESCE(json_array_length(s.value, '$.cycles'), 0) AS cycles
FROM prepaid_applications a, json_each(a.document, '$.subscriptions') s;

CREATE VIEW prepaid_cycles AS
SELECT a.id AS application_id, a.account, s.value ->> 'id' AS subscription, s.value ->> 'product' AS product,
	c.value ->> 'number' AS number, c.value ->> 'version' AS version,
	c.value ->> '$.period.start' AS period_start, c.value ->> '$.period.end' AS period_end,
	c.value ->> '$.period.zone' AS period_zone,
	substr(c.value ->> 'price', 1, instr(c.value ->> 'price', ' ') - 1) AS price,
	substr(c.value ->> 'price', instr(c.value ->> 'price', ' ') + 1) AS currency,
	c.value ->> 'minutes' AS minutes, c.value ->> 'order' AS order_id,
	COALESCE(c.value ->> 'begun', 0) AS begun, COALESCE(c.value ->> 'resumed', 0) AS resumed
FROM prepaid_applications a, json_each(a.document, '$.subscriptions') s, json_each(s.value, '$.cycles') c;

CREATE VIEW prepaid_lots AS
SELECT a.id AS application_id, a.account, l.value ->> 'id' AS id, l.value ->> 'source' AS source,
	l.value ->> 'products' AS products, l.value ->> 'subscription' AS subscription, l.value ->> 'order' AS order_id,
	l.value ->> '$.period.start' AS period_start, l.value ->> '$.period.end' AS period_end,
	l.value ->> '$.period.zone' AS period_zone, l.value ->> 'granted_at' AS granted_at,
	l.value ->> 'granted' AS granted, l.value ->> 'remaining' AS remaining,
	COALESCE(l.value ->> 'reserved', 0) AS reserved, COALESCE(l.value ->> 'consumed', 0) AS consumed,
	COALESCE(l.value ->> 'expired', 0) AS expired, COALESCE(l.value ->> 'refunded', 0) AS refunded
FROM prepaid_applications a, json_each(a.document, '$.lots') l;
