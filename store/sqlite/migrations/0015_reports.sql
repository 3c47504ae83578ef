-- What reports look for, over all applications. The indexes are as narrow as their questions allow, since every sale
-- writes them.

-- Subscriptions of a status, in the order in which what is paid for ends.
CREATE INDEX prepaid_subscription_rows_end ON prepaid_subscription_rows (status, paid_until, application_id, id);

-- Payments. What cost nothing isn't one.
CREATE INDEX prepaid_orders_paid ON prepaid_orders (paid_at, application_id, id) WHERE paid_at IS NOT NULL AND collected > 0;

-- Payments of which something went back: a refund may have been placed before its order was paid.
CREATE INDEX prepaid_orders_returned ON prepaid_orders (paid_at) WHERE refunds > 0 AND paid_at IS NOT NULL;

-- Refunds, and those that were undone.
CREATE INDEX prepaid_order_refunds_due ON prepaid_order_refunds (due_at, application_id, order_id, number);
CREATE INDEX prepaid_order_refunds_undone ON prepaid_order_refunds (closed_at) WHERE status IN ('failed', 'reinstated');

-- The first version refunded orders as a whole, by their status. Refunds are rows: of a payment that had delivered
-- something, which was taken back, or of one that came too late. They were due when an event says so.
INSERT INTO prepaid_order_refunds
	(application_id, order_id, number, kind, take, status, account, amount, currency, key, note, closed_at, due_at)
SELECT application_id, id, 1, CASE WHEN paid_at IS NULL THEN 'late' ELSE 'refund' END, CASE WHEN paid_at IS NOT NULL THEN 'all' END,
	'made', account, collected, collected_currency, attempt || '/refund', note, closed_at, COALESCE((
		SELECT max(e.at) FROM prepaid_events e
		WHERE e.application_id = o.application_id AND e.order_id = o.id AND e.type = 'order_to_be_refunded'
	), closed_at)
FROM prepaid_orders o WHERE status = 'refunded' AND refunds = 0 AND collected > 0;
UPDATE prepaid_orders SET refunds = 1, given_back = collected, given_back_currency = collected_currency
WHERE status = 'refunded' AND refunds = 0 AND collected > 0;
