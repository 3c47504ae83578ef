package store

import (
	"context"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Store is what every implementation offers: what the service and the worker need, and the books.
type Store interface {
	renewal.Store
	History
}

// History are what people and reports read.
//
// The iterators yield rows in order, and end with the first error, beside the zero value: without an error
// they have yielded all. They see at least what was committed before the call; whole changes that are committed
// meanwhile may follow. They may be left early, and the store can be called within the loop: nothing is locked
// and no transaction is open in it. A few thousand rows are in memory at a time, however many there are. An
// application that doesn't exist has no rows. What they yield is the caller's own.
type History interface { //nolint:interfacebloat // one read for each kind of row, and none that could be left out
	// Applications yields the IDs of all applications, in the order of their bytes.
	Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error]
	// Orders yields all orders of an application in the order in which they were placed: by revision, and as
	// they stand in its change. An order that is replaced keeps its place.
	Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error]
	// Entries yields the minutes ledger of an application by revision and index.
	Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error]
	// Events yields the audit log of an application by revision and index.
	Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error]
	// Refunds yields the refunds of an application's orders, by order and number.
	Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error]
	// Subscriptions yields the rows of an application's subscriptions, those that are over included, by ID.
	Subscriptions(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.SubscriptionRow, error]
}

// Pruner is a store that can forget. All stores of this module can.
type Pruner interface {
	// Prune deletes rows that are older than an instant, and says how many of each kind:
	//
	//   - receipts: a key that was used before is new again, so that before must lie further back than any
	//     request is repeated;
	//   - events;
	//   - orders that were closed before it and for which no money ever moved (see [subscription.Order.Prunable]),
	//     unless their application's document names them. What a gateway says about them later finds nothing, so
	//     that before must lie further back than its notifications and its retention. Books stay: no paid order is
	//     deleted, no refund, and no order that has one;
	//   - usage records of the days up to [PrunedDay]. Such a record counts again, unless its day is closed: before
	//     must lie further back than the catalog's late window.
	//
	// The minutes ledger stays, as does the document. Prune works in short steps, beside commits; after an error
	// what was deleted is deleted, and it can be called again.
	Prune(ctx context.Context, before time.Time) (Pruned, error)
}

// Pruned is how many rows were deleted.
type Pruned struct{ Receipts, Events, Orders, Records int64 }

// PrunedDay returns the last day whose usage records are pruned: four days before the day of an instant in UTC,
// so that it has ended in every zone for more than two days.
func PrunedDay(before time.Time) pricing.Date {
	const day = 24 * 60 * 60
	days := before.Unix() / day
	if before.Unix() < 0 && before.Unix()%day != 0 {
		days--
	}
	return pricing.Date(days) - 4
}
