-- A lot whose payment was taken back stays in its document while part of it is reserved, or while the payment may be
-- reinstated. Minutes that were reinstated are no longer refunded.

-- Lots that are in a document.
CREATE OR REPLACE VIEW {schema}.lots AS
SELECT a.id AS application_id, a.account, l.id, l.source, l.products, l.subscription, l."order" AS order_id, l.free,
	(l.period ->> 'start')::timestamptz AS valid_from, (l.period ->> 'end')::timestamptz AS valid_until,
	l.period ->> 'zone' AS zone, l.granted_at,
	l.granted / 1000.0 AS granted, l.remaining / 1000.0 AS remaining, COALESCE(l.reserved, 0) / 1000.0 AS reserved,
	COALESCE(l.consumed, 0) / 1000.0 AS consumed, COALESCE(l.refunded, 0) / 1000.0 AS refunded,
	COALESCE(l.taken_back, false) AS taken_back
FROM {schema}.applications a,
	jsonb_to_recordset(COALESCE(a.document::jsonb -> 'lots', '[]')) AS l (
		id bigint, source text, products text[], subscription text, "order" text, free text, period jsonb,
		granted_at timestamptz, granted bigint, remaining bigint, reserved bigint, consumed bigint, refunded bigint, taken_back boolean
	);

-- All lots that were ever granted, by their entries.
CREATE OR REPLACE VIEW {schema}.lot_balances AS
SELECT a.id AS application_id, a.account, e.lot AS id,
	COALESCE(sum(e.quantity) FILTER (WHERE e.kind = 'granted'), 0) / 1000.0 AS granted,
	sum(CASE WHEN e.kind IN ('granted', 'released', 'reinstated') THEN e.quantity ELSE -e.quantity END) / 1000.0 AS remaining,
	COALESCE(sum(CASE e.kind WHEN 'reserved' THEN e.quantity WHEN 'released' THEN -e.quantity END), 0) / 1000.0 AS reserved,
	COALESCE(sum(e.quantity) FILTER (WHERE e.kind = 'consumed'), 0) / 1000.0 AS consumed,
	COALESCE(sum(e.quantity) FILTER (WHERE e.kind = 'expired'), 0) / 1000.0 AS expired,
	COALESCE(sum(CASE e.kind WHEN 'refunded' THEN e.quantity WHEN 'reinstated' THEN -e.quantity END), 0) / 1000.0 AS refunded
FROM {schema}.applications a JOIN {schema}.entries e ON e.application_id = a.id
GROUP BY a.id, a.account, e.lot;
