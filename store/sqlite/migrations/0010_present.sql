-- A charge says whether the payer is present. That is part of what its key stands for; no earlier charge said so.

ALTER TABLE prepaid_charges ADD COLUMN present INTEGER NOT NULL DEFAULT 0 CHECK (present IN (0, 1));
