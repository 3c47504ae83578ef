-- An account's applications are found by it: for limits per account, and for arrears, which follow it.

CREATE INDEX applications_account ON {schema}.applications (account, id);
