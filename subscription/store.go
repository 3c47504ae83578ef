package subscription

import (
	"context"
	"iter"
)

// Read says what to load for one application in addition to its document.
type Read struct {
	Application ApplicationID
	Keys        []string  // receipts
	Orders      []OrderID // order rows
	Records     []string  // usage records
	Refunds     []OrderID // all refunds of these orders, whether the orders themselves are read or not
}

// Store persists applications. It is all that [Service] needs. Package store adds what workers and reports need, and
// store/storetest is the test suite that every implementation must pass.
//
// Implementations are safe for concurrent use. They don't modify or retain their arguments, and don't return memory
// that they keep using.
//
// Data comes back exactly as it was committed: text byte for byte, amounts over their whole range, and times in UTC.
// The times in a change are in UTC and whole microseconds. A nil slice may come back as an empty one, and the
// reverse.
//
// A store doesn't have to support text that isn't UTF-8 or that contains a NUL byte, an identifier longer than 64
// bytes, or a document whose encoding is larger than [MaxDocument]. It refuses such a change (see Commit), and never
// alters what it stores.
//
// A call whose context has ended fails with an error that wraps the context's error. If the context had ended before
// the call, nothing was done.
type Store interface {
	// Load returns a snapshot for every read, in the same order. For an application that doesn't exist, the snapshot
	// has the ID and Revision 0. Rows that don't exist are left out, and a row that a read names twice may come back
	// twice. Refunds are those of this application's orders alone. Each comes once, however often its order is named,
	// in byte order of the orders' IDs and by number. Each snapshot is consistent: its rows are from its document's
	// revision or later. It carries the store's identity; see [Snapshot.Store].
	Load(ctx context.Context, reads ...Read) ([]Snapshot, error)

	// Commit applies each change whose base revision is still the application's current one. Each change is atomic.
	// Base 0 creates the application. A [*ConflictError] names the changes that conflicted, a [*RefusedError] those
	// that the store can't keep; if there are both, the error wraps both. A change that is both is named in one of the
	// two, whichever the store finds first. All other changes are still applied. It is also a conflict if a key already
	// has a receipt or a usage record was already counted. An order that a change places ([Change.Places]) is inserted;
	// if an order with that ID already exists, the change is refused with [ErrExists]. Any other order replaces the one
	// that was loaded. Refunds and subscription rows are inserted or replaced.
	//
	// A batch has at most one change per application. If it has two, nothing is done, and the error wraps
	// [ErrInvalid] alone. After any other error the outcome of the whole batch is unknown: load again before you
	// decide again. A server may apply it even after Commit has returned; a later change with the same base revision
	// then conflicts.
	Commit(ctx context.Context, changes ...Change) error

	// ApplicationsOf yields the IDs of an account's applications in byte order. It stops at the first error, which it
	// yields with the zero ID. It sees at least everything committed before the call. The loop body may call the
	// store: nothing is locked, and no transaction is open except the caller's own.
	ApplicationsOf(ctx context.Context, account AccountID) iter.Seq2[ApplicationID, error]
}
