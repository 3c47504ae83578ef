-- A charge says whether the payer is present. That is part of what its key stands for; no earlier charge said so.

ALTER TABLE {schema}.charges ADD COLUMN present boolean NOT NULL DEFAULT false;
