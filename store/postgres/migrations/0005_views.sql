-- The views with the columns that they have in every store: minutes and amounts are decimal.

DROP VIEW {schema}.subscriptions;
DROP VIEW {schema}.cycles;
DROP VIEW {schema}.lots;

CREATE VIEW {schema}.subscriptions AS
SELECT a.id AS application_id, a.account, s.id, s.product,
	(SELECT c ->> 'version' FROM jsonb_array_elements(s.cycles) WITH ORDINALITY AS e (c, place)
		WHERE (c -> 'begun')::boolean ORDER BY place DESC LIMIT 1) AS version,
	s.status, s.currency, COALESCE(s.trial, false) AS trial, COALESCE(s.auto_renew, false) AS auto_renew, s.zone, s.opened_at,
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
	c.period ->> 'zone' AS period_zone, (c.days ->> 'first')::date AS first_day, (c.days ->> 'until')::date AS until_day,
	c.promised AS promised_until, split_part(c.price, ' ', 1)::numeric AS price,
	split_part(COALESCE(c.total, c.price), ' ', 1)::numeric AS total, split_part(c.price, ' ', 2) AS currency,
	c.minutes, COALESCE(c.granted, 0) / 1000.0 AS granted, c."order" AS order_id,
	COALESCE(c.begun, false) AS begun, COALESCE(c.resumed, false) AS resumed
FROM {schema}.applications a,
	jsonb_array_elements(COALESCE(a.document::jsonb -> 'subscriptions', '[]')) s,
	jsonb_to_recordset(COALESCE(s -> 'cycles', '[]')) AS c (
		number integer, period jsonb, days jsonb, promised timestamptz, version text, price text, total text, minutes bigint,
		granted bigint, "order" text, begun boolean, resumed boolean
	);

CREATE VIEW {schema}.lots AS
SELECT a.id AS application_id, a.account, l.id, l.source, l.products, l.subscription, l."order" AS order_id, l.free,
	(l.period ->> 'start')::timestamptz AS valid_from, (l.period ->> 'end')::timestamptz AS valid_until,
	l.period ->> 'zone' AS zone, l.granted_at,
	l.granted / 1000.0 AS granted, l.remaining / 1000.0 AS remaining, COALESCE(l.reserved, 0) / 1000.0 AS reserved,
	COALESCE(l.consumed, 0) / 1000.0 AS consumed, COALESCE(l.refunded, 0) / 1000.0 AS refunded
FROM {schema}.applications a,
	jsonb_to_recordset(COALESCE(a.document::jsonb -> 'lots', '[]')) AS l (
		id bigint, source text, products text[], subscription text, "order" text, free text, period jsonb,
		granted_at timestamptz, granted bigint, remaining bigint, reserved bigint, consumed bigint, refunded bigint
	);
