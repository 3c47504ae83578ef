-- When money and minutes moved, where no other column tells; NULL in rows from before.

ALTER TABLE prepaid_orders ADD COLUMN collected_at INTEGER;

ALTER TABLE prepaid_order_refunds ADD COLUMN failed_at INTEGER;
ALTER TABLE prepaid_order_refunds ADD COLUMN made_at INTEGER;
ALTER TABLE prepaid_order_refunds ADD COLUMN cycles INTEGER;

ALTER TABLE prepaid_entries ADD COLUMN recorded_at INTEGER;

-- Refunds that failed and were made after all, which reports find by when they failed.
CREATE INDEX prepaid_order_refunds_failed ON prepaid_order_refunds (failed_at) WHERE failed_at IS NOT NULL;
