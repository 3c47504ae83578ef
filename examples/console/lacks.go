package main

import (
	"context"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// lack is an automatic charge that the prepaid balance doesn't cover, after those before it.
type lack struct {
	renewal.Upcoming

	App     subscription.ApplicationID
	Balance pricing.Money // now
	Missing pricing.Money // to be added before
}

// lacks returns the first charge that the balance of a customer doesn't cover: the next one, or a later one within a month
// from now. It returns nil if the balance suffices, or isn't what pays.
func (c *console) lacks(ctx context.Context, cu customer, apps []subscription.Application) (*lack, error) {
	how, err := c.provider.method(ctx, cu.ID)
	if err != nil || how != payBalance {
		return nil, err
	}
	currency := c.currencyOf(cu)
	has, err := c.accounts.Balance(ctx, cu.ID, currency)
	if err != nil {
		return nil, err
	}
	now := c.clock.now()
	var charges []lack
	for _, app := range apps {
		for u := range renewal.Preview(app, c.policy, c.catalog, now, now.AddDate(0, previewMonths, 0)) {
			if !u.Charge.IsZero() && u.Charge.Currency() == currency {
				charges = append(charges, lack{Upcoming: u, App: app.ID, Balance: has})
			}
		}
	}
	slices.SortStableFunc(charges, func(a, b lack) int { return a.At.Compare(b.At) })
	l, err := firstLack(charges, has, now.AddDate(0, 1, 0))
	if err != nil || l.Missing.IsZero() {
		return nil, err
	}
	return &l, nil
}

// firstLack returns the first of some charges, which are in their order, that a balance doesn't cover, or the
// zero value. Only the very first one may be at or after an instant.
func firstLack(charges []lack, has pricing.Money, until time.Time) (lack, error) {
	for i, l := range charges {
		if i > 0 && !l.At.Before(until) {
			break
		}
		var err error
		if l.Missing, err = missing(payBalance, has, l.Charge); err != nil {
			return lack{}, err
		}
		if l.Missing.Sign() > 0 {
			return l, nil
		}
		if has, err = has.Sub(l.Charge); err != nil {
			return lack{}, err
		}
	}
	return lack{}, nil
}
