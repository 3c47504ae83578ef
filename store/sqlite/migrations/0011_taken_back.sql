-- A lot whose payment was taken back stays in its document while part of it is reserved, or while the payment may be
-- reinstated. Minutes that were reinstated are no longer refunded.

-- Lots that are in a document.
DROP VIEW prepaid_lots;
CREATE VIEW prepaid_lots AS
SELECT a.id AS application_id, a.account, l.value ->> 'id' AS id, l.value ->> 'source' AS source,
	l.value ->> 'products' AS products, l.value ->> 'subscription' AS subscription, l.value ->> 'order' AS order_id,
	l.value ->> 'free' AS free,
	l.value ->> '$.period.start' AS valid_from, l.value ->> '$.period.end' AS valid_until,
	l.value ->> '$.period.zone' AS zone, l.value ->> 'granted_at' AS granted_at,
	(l.value ->> 'granted') / 1000.0 AS granted, (l.value ->> 'remaining') / 1000.0 AS remaining,
	COALESCE(l.value ->> 'reserved', 0) / 1000.0 AS reserved, COALESCE(l.value ->> 'consumed', 0) / 1000.0 AS consumed,
	COALESCE(l.value ->> 'refunded', 0) / 1000.0 AS refunded, COALESCE(l.value ->> 'taken_back', 0) AS taken_back
FROM prepaid_applications a, json_each(a.document, '$.lots') l;

-- All lots that were ever granted, by their entries.
DROP VIEW prepaid_lot_balances;
CREATE VIEW prepaid_lot_balances AS
SELECT a.id AS application_id, a.account, e.lot AS id,
	COALESCE(sum(e.quantity) FILTER (WHERE e.kind = 'granted'), 0) / 1000.0 AS granted,
	sum(CASE WHEN e.kind IN ('granted', 'released', 'reinstated') THEN e.quantity ELSE -e.quantity END) / 1000.0 AS remaining,
	COALESCE(sum(CASE e.kind WHEN 'reserved' THEN e.quantity WHEN 'released' THEN -e.quantity END), 0) / 1000.0 AS reserved,
	COALESCE(sum(e.quantity) FILTER (WHERE e.kind = 'consumed'), 0) / 1000.0 AS consumed,
	COALESCE(sum(e.quantity) FILTER (WHERE e.kind = 'expired'), 0) / 1000.0 AS expired,
	COALESCE(sum(CASE e.kind WHEN 'refunded' THEN e.quantity WHEN 'reinstated' THEN -e.quantity END), 0) / 1000.0 AS refunded
FROM prepaid_applications a JOIN prepaid_entries e ON e.application_id = a.id
GROUP BY a.id, a.account, e.lot;
