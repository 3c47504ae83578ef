package store

import (
	"context"
	"iter"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Store is implemented by every store. It has the methods that the service and the worker need, and the history.
type Store interface {
	renewal.Store
	History
}

// History has the methods that people and reports use to read a store.
//
// The iterators yield rows in order. An error ends the iteration and comes with the zero value; without an error, all
// rows were yielded. An iterator sees at least everything committed before the call; changes committed during the
// iteration may follow, each as a whole. The loop may end early and may call the store: no locks are held and no
// transaction is open while its body runs. At most a few thousand rows are in memory at a time, however many there are.
// An application that doesn't exist has no rows. The yielded values belong to the caller.
type History interface { //nolint:interfacebloat // one method for each kind of row, all of them needed
	// Applications yields the IDs of all applications in byte order.
	Applications(ctx context.Context) iter.Seq2[subscription.ApplicationID, error]
	// Orders yields all orders of an application in the order in which they were placed: by revision, and by position
	// within the change. An order that is replaced keeps its position.
	Orders(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Order, error]
	// Entries yields the ledger entries of an application by revision and index.
	Entries(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Entry, error]
	// Events yields the audit log of an application by revision and index.
	Events(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Event, error]
	// Refunds yields the refunds of an application's orders by order, in byte order of its ID, and number.
	Refunds(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.Refund, error]
	// Subscriptions yields the rows of an application's subscriptions in byte order of their IDs, including those that
	// are over.
	Subscriptions(ctx context.Context, app subscription.ApplicationID) iter.Seq2[subscription.SubscriptionRow, error]
}

// Pruner is a store that can delete old rows. All stores of this module can.
type Pruner interface {
	// Prune deletes rows that are older than an instant and returns how many of each kind it deleted:
	//
	//   - receipts: a key that was used before is then new again, so before must be further back than any request is
	//     repeated;
	//   - events;
	//   - orders that were closed before the instant and for which no money ever moved (see
	//     [subscription.Order.Prunable]), unless their application's document refers to them. A later gateway
	//     notification about such an order finds nothing, so before must be further back than the gateway's
	//     notifications and retention. Financial records stay: Prune never deletes a paid order, a refund, or an order
	//     that has a refund;
	//   - usage records of the days up to [PrunedDay]. Such a record would be counted again unless its day is closed,
	//     so before must be further back than the catalog's late usage window.
	//
	// Prune does not delete ledger entries or the document. It works in short steps and does not block commits. After
	// an error, rows that were deleted stay deleted, and Prune can be called again.
	Prune(ctx context.Context, before time.Time) (Pruned, error)
}

// Pruned is the number of rows deleted.
type Pruned struct{ Receipts, Events, Orders, Records int64 }

// PrunedDay returns the last day whose usage records are pruned: four days before the day of an instant in UTC, so the
// day ended more than two days ago in every zone.
func PrunedDay(before time.Time) pricing.Date {
	const day = 24 * 60 * 60
	days := before.Unix() / day
	if before.Unix() < 0 && before.Unix()%day != 0 {
		days--
	}
	return pricing.Date(days) - 4
}
