-- The views with the columns that they have in every store: minutes are decimal, and so are amounts, as text that is
-- exact; times and days are ISO 8601 text, as in the document; flags are 0 and 1; products are JSON.

DROP VIEW prepaid_subscriptions;
DROP VIEW prepaid_cycles;
DROP VIEW prepaid_lots;

CREATE VIEW prepaid_subscriptions AS
SELECT a.id AS application_id, a.account, s.value ->> 'id' AS id, s.value ->> 'product' AS product,
	(SELECT c.value ->> 'version' FROM json_each(s.value, '$.cycles') c WHERE c.value ->> 'begun' ORDER BY c.key DESC LIMIT 1) AS version,
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
	c.value ->> '$.days.first' AS first_day, c.value ->> '$.days.until' AS until_day, c.value ->> 'promised' AS promised_until,
	substr(c.value ->> 'price', 1, instr(c.value ->> 'price', ' ') - 1) AS price,
	substr(COALESCE(c.value ->> 'total', c.value ->> 'price'), 1, instr(COALESCE(c.value ->> 'total', c.value ->> 'price'), ' ') - 1) AS total,
	substr(c.value ->> 'price', instr(c.value ->> 'price', ' ') + 1) AS currency,
	c.value ->> 'minutes' AS minutes, COALESCE(c.value ->> 'granted', 0) / 1000.0 AS granted, c.value ->> 'order' AS order_id,
	COALESCE(c.value ->> 'begun', 0) AS begun, COALESCE(c.value ->> 'resumed', 0) AS resumed
FROM prepaid_applications a, json_each(a.document, '$.subscriptions') s, json_each(s.value, '$.cycles') c;

CREATE VIEW prepaid_lots AS
SELECT a.id AS application_id, a.account, l.value ->> 'id' AS id, l.value ->> 'source' AS source,
	l.value ->> 'products' AS products, l.value ->> 'subscription' AS subscription, l.value ->> 'order' AS order_id,
	l.value ->> 'free' AS free,
	l.value ->> '$.period.start' AS valid_from, l.value ->> '$.period.end' AS valid_until,
	l.value ->> '$.period.zone' AS zone, l.value ->> 'granted_at' AS granted_at,
	(l.value ->> 'granted') / 1000.0 AS granted, (l.value ->> 'remaining') / 1000.0 AS remaining,
	COALESCE(l.value ->> 'reserved', 0) / 1000.0 AS reserved, COALESCE(l.value ->> 'consumed', 0) / 1000.0 AS consumed,
	COALESCE(l.value ->> 'refunded', 0) / 1000.0 AS refunded
FROM prepaid_applications a, json_each(a.document, '$.lots') l;
