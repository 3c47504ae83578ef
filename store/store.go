package store

import (
	"context"
	"iter"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Store is what every implementation offers: what the service and the worker need, and three reads for
// people and reports.
//
// The iterators yield the rows of one application, in order, and end with the first error, beside the
// zero value: without an error they have yielded all. They see at least what was committed before the
// call; whole changes that are committed meanwhile may follow. They may be left early, and the store can
// be called within the loop. An application that doesn't exist has no rows. What they yield is the
// caller's own.
type Store interface {
	renewal.Store

	// Orders yields all orders in the order in which they were placed: by revision, and as they stand in
	// its change. An order that is replaced keeps its place.
	Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error]
	// Entries yields the minutes ledger by revision and index.
	Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error]
	// Events yields the audit log by revision and index.
	Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error]
}
