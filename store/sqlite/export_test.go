package sqlite

import "github.com/prepaidkit/prepaid/subscription"

// Columns are a change as the values of its columns, for the benchmarks that write the same rows by hand.
type Columns struct {
	Base                                       int64
	Document                                   []any
	Orders, Entries, Events, Receipts, Records [][]any
}

// Encode returns the columns of a change.
func Encode(c *subscription.Change) (Columns, error) {
	w, err := encode(c)
	return Columns{w.base, w.document, w.orders, w.entries, w.events, w.receipts, w.records}, err
}
