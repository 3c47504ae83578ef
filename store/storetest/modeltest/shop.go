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
	accepted = "1" // the current agreement
)

// opening is the start of a test: twelve days before the zone's clock is set back.
func opening() time.Time { return time.Date(2025, time.October, 21, 14, 30, 0, 0, time.UTC) }

// shop sells from the catalog to applications in one store. The payer has ample funds.
type shop struct {
	store    store.Store
	catalog  *pricing.Catalog
	accounts *balance.Accounts
	clock    func() time.Time
}

// openShop opens a shop. Where it takes what is left, a record that doesn't fit isn't refused.
func openShop(ctx context.Context, st store.Store, takes bool, clock func() time.Time) (*shop, error) {
	text := catalogJSON
	if takes {
		text = bytes.Replace(text, []byte(`"overrun": "refuse"`), []byte(`"overrun": "take"`), 1)
	}
	cat, err := pricing.ParseCatalog(bytes.NewReader(text))
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

// service returns a new service. It combines only its own requests into one change.
func (s *shop) service(st subscription.Store) *subscription.Service {
	options := &subscription.Options{Now: s.clock, Conflicts: 10_000}
	return sure.Of(subscription.NewService(st, s.accounts, subscription.StaticCatalog(s.catalog), options))
}

// refusal returns the reason for a refusal and how many thousandths of a minute were missing; "" means success. It
// returns an error if err is not a refusal.
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
	return "", 0, fmt.Errorf("modeltest: neither success nor refusal: %w", err)
}
