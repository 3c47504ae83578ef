-- An account's applications are found by it: for limits per account, and for arrears, which follow it.

CREATE INDEX prepaid_applications_account ON prepaid_applications (account, id);
