-- Who acted and why, where somebody in particular did.

ALTER TABLE prepaid_events ADD COLUMN actor TEXT;
ALTER TABLE prepaid_events ADD COLUMN why TEXT;
