package scene

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Meanwhile is a store on which something else happens between the steps of a worker, once each.
type Meanwhile struct {
	renewal.Store

	Claimed   func() // after the first claim that claims something
	Committed func() // after the first commit
}

// Claim implements [renewal.Store].
func (m *Meanwhile) Claim(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
	claimed, err := m.Store.Claim(ctx, asOf, lease, limit)
	if len(claimed) > 0 {
		once(&m.Claimed)
	}
	return claimed, err
}

// Commit implements [subscription.Store].
func (m *Meanwhile) Commit(ctx context.Context, changes ...subscription.Change) error {
	err := m.Store.Commit(ctx, changes...)
	once(&m.Committed)
	return err
}

func once(do *func()) {
	if f := *do; f != nil {
		*do = nil
		f()
	}
}
