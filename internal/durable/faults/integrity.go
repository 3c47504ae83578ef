package faults

import (
	"context"
	"database/sql"
	"errors"

	"github.com/prepaidkit/prepaid/store/sqlite"
)

// integrity runs SQLite's own integrity check on its file.
func (r *run) integrity(ctx context.Context) error {
	if r.options.Store != SQLite {
		return nil
	}
	dsn, err := sqlite.DSN(r.place.direct, nil)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	var says string
	err = db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&says)
	if err == nil && says != "ok" {
		r.violatef("file", "", "%s", says)
	}
	return errors.Join(err, db.Close())
}
