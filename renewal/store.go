package renewal

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// Claimed is an application that was claimed, with its snapshot; or with the error that made it
// unreadable, so that one such document spoils no batch.
type Claimed struct {
	Application subscription.ApplicationID
	Snapshot    subscription.Snapshot
	Err         error
}

// Store is what a [Worker] needs.
type Store interface {
	subscription.Store

	// Claim leases up to limit applications that have a Due, not after asOf, and that nobody holds a lease on,
	// until asOf + lease, and returns their snapshots, roughly the longest due first. They are as of the last
	// commit, without receipts and orders, and the caller's own. No application is claimed twice at a time.
	//
	// At asOf + lease, by whichever clock a claim then brings, an application is free again. A commit ends the
	// lease of its application at once, whoever makes it, and from then on its new Due alone counts; a change
	// that is refused ends none, nor does a read. A claim changes no revision and writes no rows.
	//
	// Fewer than limit come only if there are no more, or others claim or commit them at the same time; that
	// nothing is due is no error. A limit of zero or less claims nothing, and a lease of zero or less hides
	// nothing. If ctx has ended, Claim fails with its error and leases nothing; what any other error leaves
	// leased is free again when the lease ends.
	//
	// A lease is only a hint that saves work. What is claimed twice, since a lease ran out or a clock is
	// wrong, is still done once: orders and keys follow from the state, and a commit from its revision.
	Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]Claimed, error)
}
