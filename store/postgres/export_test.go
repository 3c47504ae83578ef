package postgres

import (
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/prepaidkit/prepaid/subscription"
)

// Columns are the columns of the rows of a batch, by table: applications to update and to create, orders that are
// placed and replaced, entries, events, receipts and records. Those without rows are nil.
type Columns [parts][]pgtype.ArrayGetter

// Encode returns the columns of changes, for what is measured against the store.
func Encode(changes ...*subscription.Change) (Columns, error) {
	var columns Columns
	b := newBatch()
	for _, c := range changes {
		if err := b.add(c, false); err != nil {
			return columns, err
		}
	}
	for part, t := range b.tables {
		if t.len() == 0 {
			continue
		}
		for _, c := range t {
			columns[part] = append(columns[part], c)
		}
	}
	return columns, nil
}
