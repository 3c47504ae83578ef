-- Who acted and why, where somebody in particular did.

ALTER TABLE {schema}.events
	ADD COLUMN actor text COLLATE "C",
	ADD COLUMN why   text COLLATE "C";
