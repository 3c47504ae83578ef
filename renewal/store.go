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

	// Claim leases up to limit applications whose Due is not after asOf, and that nobody holds a lease on,
	// until asOf + lease, and returns their snapshots, roughly the longest due first. No application is
	// claimed twice at a time. A commit ends the lease of its application.
	//
	// A lease is only a hint that saves work. What is claimed twice, since a lease ran out or a clock is
	// wrong, is still done once: orders and keys follow from the state, and a commit from its revision.
	Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]Claimed, error)
}
