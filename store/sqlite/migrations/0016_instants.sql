-- When money and minutes moved, where no other column tells; NULL in rows from before.

ALTER TABLE prepaid_orders ADD COLUMN collected_at INTEGER;

ALTER TABLE prepaid_order_refunds ADD COLUMN failed_at INTEGER;
ALTER TABLE prepaid_order_refunds ADD COLUMN made_at INTEGER;
ALTER TABLE prepaid_order_refunds ADD COLUMN cycles INTEGER;

ALTER TABLE prepaid_entries ADD COLUMN recorded_at INTEGER;
