package faults

import (
	"context"
	"database/sql"
	"errors"
)

// integrity asks SQLite itself whether its file is sound.
func (r *run) integrity(ctx context.Context) error {
	if r.options.Store != SQLite {
		return nil
	}
	db, err := sql.Open("sqlite", r.place.direct)
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
