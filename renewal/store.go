package renewal

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// Claimed is a claimed application with its snapshot, or with the error that made it unreadable. One unreadable
// document does not affect the rest of the batch.
type Claimed struct {
	Application subscription.ApplicationID
	Snapshot    subscription.Snapshot
	Err         error
}

// Store is the part of a store that a [Worker] needs.
type Store interface {
	subscription.Store

	// Claim leases up to limit applications until asOf + lease and returns their snapshots, roughly in order of Due,
	// earliest first. It claims applications that have a Due not after asOf and that nobody holds a lease on. The
	// snapshots are as of the last commit, do not include receipts and orders, and belong to the caller. No application
	// is claimed twice at the same time.
	//
	// An application is free again at asOf + lease, measured by the asOf of a later claim, whatever clock that comes
	// from. A commit, by any writer, ends the lease of its application immediately, and from then on only its new Due
	// counts. A refused change or a read ends no lease. A claim changes no revision and writes no rows.
	//
	// Claim returns fewer than limit applications only if there are no more, or if others claim or commit them at the
	// same time. It is not an error if nothing is due. If limit is zero or less, Claim claims nothing; if lease is zero
	// or less, it hides nothing from other claims. If ctx is done, Claim returns its error and leases nothing. After
	// any other error, applications that were leased are free again when the lease ends.
	//
	// A lease is only a hint that saves work. An application that is claimed twice, because a lease ran out or a clock
	// is wrong, is still processed once: orders and keys are derived from the state, and a commit depends on the
	// revision.
	Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]Claimed, error)
}
