package subscription

import (
	"context"
	"iter"
)

// Read says what to load for one application beside its document.
type Read struct {
	Application ApplicationID
	Keys        []string  // receipts
	Orders      []OrderID // order rows
	Records     []string  // usage records
}

// Store keeps applications. It is all that [Service] needs; package store adds what workers and reports
// need, and store/storetest is the suite that every implementation passes.
//
// Implementations are safe for concurrent use, keep nothing of their arguments and change none of them,
// and return nothing that they keep.
//
// What is committed comes back as it was: text byte for byte, amounts over their whole range, and times,
// which a change has in UTC and in whole microseconds, in UTC too. A
// slice that is nil and one that is empty may be taken for each other.
//
// A store needn't be able to keep text that isn't UTF-8 or has a NUL byte, an identifier of more than 64 bytes, or
// a document whose encoding is larger than [MaxDocument]. It refuses such a change, see Commit, and never alters
// what it keeps.
//
// A call whose context has ended fails with an error that wraps the context's. If it had ended before the
// call, nothing was done.
type Store interface {
	// Load returns a snapshot for every read, in their order. An application that doesn't exist has a
	// snapshot with its ID and Revision 0; rows that don't exist are left out, and a row that a read names
	// twice may come twice. Each snapshot is consistent: its rows are those of its document's revision or later. It bears
	// the store's identity, see [Snapshot.Store].
	Load(ctx context.Context, reads ...Read) ([]Snapshot, error)

	// Commit applies each change whose base revision is still the application's, each one as a whole; base
	// 0 creates the application. Changes that did not hold are named by a [*ConflictError], those that the
	// store can't keep by a [*RefusedError], both by an error that wraps the two, and the others are applied all
	// the same. A key that has a receipt already is a conflict too, and so is a usage record that was counted. An order
	// that a change places ([Change.Places]) is inserted: if there is one of that ID the change is refused with
	// [ErrExists]. Any other order replaces the one that was loaded; refunds and rows of subscriptions are inserted or
	// replaced.
	//
	// A batch has at most one change for an application: of another nothing is done, and the error wraps
	// [ErrInvalid] alone. Any other error leaves the outcome of the whole batch unknown: load again before
	// deciding again.
	Commit(ctx context.Context, changes ...Change) error

	// ApplicationsOf yields the IDs of an account's applications, in the order of their bytes. It ends with the first
	// error, beside the zero value, and sees at least what was committed before the call. The store can be called within
	// the loop: nothing is locked in it, and no transaction is open but the caller's own.
	ApplicationsOf(ctx context.Context, account AccountID) iter.Seq2[ApplicationID, error]
}
