package modeltest

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

//go:embed catalog.json
var catalogJSON []byte

const (
	payer    = "acme"
	accepted = "1" // the agreement in force
)

// opening is when a test begins: twelve days before the zone's clock is put back.
func opening() time.Time { return time.Date(2025, time.October, 21, 14, 30, 0, 0, time.UTC) }

// shop sells from the catalog to applications in one store, for a payer who is rich.
type shop struct {
	store    store.Store
	catalog  *pricing.Catalog
	accounts *balance.Accounts
	clock    func() time.Time
}

func openShop(ctx context.Context, st store.Store, clock func() time.Time) (*shop, error) {
	cat, err := pricing.ParseCatalog(bytes.NewReader(catalogJSON))
	if err != nil {
		return nil, err
	}
	s := &shop{store: st, catalog: cat, accounts: balance.New(&balance.Options{Now: clock}), clock: clock}
	if err := s.accounts.Open(ctx, payer); err != nil {
		return nil, err
	}
	deposit, err := pricing.FromMinor(1_000_000_000_00, "USD")
	if err != nil {
		return nil, err
	}
	return s, s.accounts.Deposit(ctx, payer, "deposit", deposit)
}

// service returns a service of its own: what it puts together it doesn't put together with others.
func (s *shop) service(st subscription.Store) *subscription.Service {
	options := &subscription.Options{Now: s.clock, Conflicts: 10_000}
	return sure.Of(subscription.NewService(st, s.accounts, subscription.StaticCatalog(s.catalog), options))
}

// refusal names what a request was refused for, and how many thousandths of a minute were missing; "" is
// success. It fails with what is no refusal.
func refusal(err error) (why string, short int64, failure error) {
	if exhausted, ok := errors.AsType[*subscription.ExhaustedError](err); ok {
		return "exhausted", int64(exhausted.Short), nil
	}
	for _, r := range []struct {
		is  error
		why string
	}{
		{nil, ""},
		{subscription.ErrTooLate, "late"},
		{subscription.ErrIDReused, "reused"},
		{subscription.ErrInvalid, "invalid"},
		{subscription.ErrTooEarly, "early"},
		{pricing.ErrUnknownKind, "unknown"},
		{subscription.ErrNotFound, "not found"},
		{subscription.ErrExists, "exists"},
		{subscription.ErrAlreadySubscribed, "subscribed"},
		{subscription.ErrNotHigher, "not higher"},
		{subscription.ErrPeriodEnded, "ended"},
		{subscription.ErrNotRefundable, "not refundable"},
	} {
		if errors.Is(err, r.is) {
			return r.why, 0, nil
		}
	}
	return "", 0, fmt.Errorf("modeltest: neither done nor refused: %w", err)
}
