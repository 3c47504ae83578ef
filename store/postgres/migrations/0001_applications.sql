-- Applications, their rows, and views of their documents.

-- One row an application. The document is the JSON of package store/document, kept as text, so that it comes back
-- byte for byte and the server needn't parse it; the other columns repeat what is searched for.
CREATE TABLE {schema}.applications (
	revision     bigint NOT NULL CHECK (revision > 0),
	created_at   timestamptz,
	due          timestamptz, -- NULL: never
	leased_until timestamptz, -- not indexed, so that a claim touches no index
	id           text COLLATE "C" NOT NULL PRIMARY KEY,
	account      text COLLATE "C" NOT NULL,
	document     text COLLATE "C" NOT NULL
) WITH (
	-- Half of each page is left for new versions of its rows, so that usage and claims touch no index (HOT).
	fillfactor = 50,
	-- Documents of up to 8 KB stay in the row, as they are: to compress or to move them costs more than it saves.
	toast_tuple_target = 8160,
	autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.05,
	-- Not sooner, so that no plan is made for a table of a page or two.
	autovacuum_analyze_threshold = 1000, autovacuum_analyze_scale_factor = 0.05
);

CREATE INDEX applications_due ON {schema}.applications (due, id) WHERE due IS NOT NULL;

CREATE TABLE {schema}.orders (
	placed_revision bigint NOT NULL CHECK (placed_revision > 0), -- with placed_index its place, kept when it is replaced
	placed_index    integer NOT NULL CHECK (placed_index >= 0),
	amount          bigint NOT NULL CHECK (amount >= 0),         -- minor units of the currency
	placed_at       timestamptz,
	closed_at       timestamptz,
	renews_from     timestamptz,                                  -- the start of the period that it pays for, if it names one
	collected       bigint CHECK (collected >= 0),
	delivered_start timestamptz,
	delivered_end   timestamptz,
	delivered_increment bigint,                                   -- thousandths of a minute, as the next two
	delivered_total     bigint,
	delivered_remaining bigint,
	application_id  text COLLATE "C" NOT NULL,
	id              text COLLATE "C" NOT NULL,
	account         text COLLATE "C" NOT NULL,
	kind            text COLLATE "C" NOT NULL CHECK (kind IN ('purchase', 'upgrade', 'renewal', 'top_up', 'usage')),
	status          text COLLATE "C" NOT NULL CHECK (status IN ('open', 'paid', 'declined', 'review', 'cancelling', 'cancelled', 'refund_due', 'refunded', 'stray')),
	currency        text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
	subscription    text COLLATE "C",
	product         text COLLATE "C",
	version         text COLLATE "C",
	catalog         text COLLATE "C" NOT NULL,
	agreement       text COLLATE "C",
	attempt         text COLLATE "C",
	reason          text COLLATE "C",
	note            text COLLATE "C",
	reference       text COLLATE "C",
	collected_currency text COLLATE "C",
	delivered_zone  text COLLATE "C",
	lines           text COLLATE "C" NOT NULL, -- JSON
	deliveries      text COLLATE "C",          -- JSON
	PRIMARY KEY (application_id, id),
	CHECK ((collected IS NULL) = (collected_currency IS NULL))
) WITH (
	fillfactor = 80, -- an order is written twice: when it is placed, and when it is paid
	toast_tuple_target = 8160,
	autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.05,
	autovacuum_analyze_threshold = 1000, autovacuum_analyze_scale_factor = 0.05
);

CREATE UNIQUE INDEX orders_place ON {schema}.orders (application_id, placed_revision, placed_index);

-- No period of a subscription is renewed twice, whatever else goes wrong.
CREATE UNIQUE INDEX orders_renewal ON {schema}.orders (application_id, subscription, renews_from)
	WHERE status = 'paid' AND renews_from IS NOT NULL;

CREATE TABLE {schema}.entries (
	revision       bigint NOT NULL CHECK (revision > 0),
	at             timestamptz,
	lot            bigint NOT NULL,
	quantity       bigint NOT NULL, -- thousandths of a minute
	index          integer NOT NULL CHECK (index >= 0),
	day            date,
	application_id text COLLATE "C" NOT NULL,
	kind           text COLLATE "C" NOT NULL CHECK (kind IN ('granted', 'expired', 'consumed', 'reserved', 'released', 'refunded')),
	order_id       text COLLATE "C",
	product        text COLLATE "C",
	usage          text COLLATE "C",
	reservation    text COLLATE "C",
	PRIMARY KEY (application_id, revision, index)
) WITH (
	autovacuum_analyze_threshold = 1000, autovacuum_analyze_scale_factor = 0.05
);

CREATE TABLE {schema}.events (
	revision       bigint NOT NULL CHECK (revision > 0),
	at             timestamptz,
	period_start   timestamptz,
	period_end     timestamptz,
	amount         bigint, -- minor units of the currency
	lot            bigint,
	quantity       bigint, -- thousandths of a minute
	index          integer NOT NULL CHECK (index >= 0),
	application_id text COLLATE "C" NOT NULL,
	type           text COLLATE "C" NOT NULL CHECK (type <> ''),
	subscription   text COLLATE "C",
	product        text COLLATE "C",
	version        text COLLATE "C",
	from_status    text COLLATE "C",
	status         text COLLATE "C",
	period_zone    text COLLATE "C",
	order_id       text COLLATE "C",
	kind           text COLLATE "C",
	currency       text COLLATE "C",
	reason         text COLLATE "C",
	note           text COLLATE "C",
	PRIMARY KEY (application_id, revision, index),
	CHECK ((amount IS NULL) = (currency IS NULL))
) WITH (
	autovacuum_analyze_threshold = 1000, autovacuum_analyze_scale_factor = 0.05
);

-- Results of keyed requests.
CREATE TABLE {schema}.receipts (
	revision       bigint NOT NULL CHECK (revision > 0),
	at             timestamptz,
	application_id text COLLATE "C" NOT NULL,
	key            text COLLATE "C" NOT NULL,
	kind           text COLLATE "C" NOT NULL,
	order_id       text COLLATE "C",
	digest         bytea NOT NULL CHECK (length(digest) = 32),
	PRIMARY KEY (application_id, key)
) WITH (
	autovacuum_analyze_threshold = 1000, autovacuum_analyze_scale_factor = 0.05
);

-- Usage records that were counted.
CREATE TABLE {schema}.records (
	day            date NOT NULL,
	application_id text COLLATE "C" NOT NULL,
	id             text COLLATE "C" NOT NULL,
	PRIMARY KEY (application_id, id)
) WITH (
	autovacuum_analyze_threshold = 1000, autovacuum_analyze_scale_factor = 0.05
);

CREATE VIEW {schema}.subscriptions AS
SELECT a.id AS application_id, a.account, s.id, s.product, s.status, s.currency,
	COALESCE(s.trial, false) AS trial, COALESCE(s.auto_renew, false) AS auto_renew, s.zone, s.opened_at,
	(s.cycles -> 0 -> 'period' ->> 'start')::timestamptz AS first_start,
	(s.cycles -> -1 -> 'period' ->> 'end')::timestamptz AS paid_until,
	jsonb_array_length(COALESCE(s.cycles, '[]')) AS cycles
FROM {schema}.applications a,
	jsonb_to_recordset(COALESCE(a.document::jsonb -> 'subscriptions', '[]')) AS s (
		id text, product text, status text, currency text, trial boolean, auto_renew boolean, zone text,
		opened_at timestamptz, cycles jsonb
	);

CREATE VIEW {schema}.cycles AS
SELECT a.id AS application_id, a.account, s ->> 'id' AS subscription, s ->> 'product' AS product, c.number, c.version,
	(c.period ->> 'start')::timestamptz AS period_start, (c.period ->> 'end')::timestamptz AS period_end,
	c.period ->> 'zone' AS period_zone, split_part(c.price, ' ', 1)::numeric AS price, split_part(c.price, ' ', 2) AS currency,
	c.minutes, c."order" AS order_id, COALESCE(c.begun, false) AS begun, COALESCE(c.resumed, false) AS resumed
FROM {schema}.applications a,
	jsonb_array_elements(COALESCE(a.document::jsonb -> 'subscriptions', '[]')) s,
	jsonb_to_recordset(COALESCE(s -> 'cycles', '[]')) AS c (
		number integer, period jsonb, version text, price text, minutes bigint, "order" text, begun boolean, resumed boolean
	);

CREATE VIEW {schema}.lots AS
SELECT a.id AS application_id, a.account, l.id, l.source, l.products, l.subscription, l."order" AS order_id, l.free,
	(l.period ->> 'start')::timestamptz AS valid_from, (l.period ->> 'end')::timestamptz AS valid_until, l.granted_at,
	l.granted / 1000.0 AS granted, l.remaining / 1000.0 AS remaining, COALESCE(l.reserved, 0) / 1000.0 AS reserved,
	COALESCE(l.consumed, 0) / 1000.0 AS consumed, COALESCE(l.expired, 0) / 1000.0 AS expired,
	COALESCE(l.refunded, 0) / 1000.0 AS refunded
FROM {schema}.applications a,
	jsonb_to_recordset(COALESCE(a.document::jsonb -> 'lots', '[]')) AS l (
		id bigint, source text, products text[], subscription text, "order" text, free text, period jsonb,
		granted_at timestamptz, granted bigint, remaining bigint, reserved bigint, consumed bigint, expired bigint, refunded bigint
	);
