package main

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// chargeRow is a charge that succeeded, with what its bank and the provider can still do about it.
type chargeRow struct {
	movement
	taken

	Path  string // of its order
	Title string
}

// mostCharges is the number of charges that the provider's page shows.
const mostCharges = 8

// chargeRows returns a customer's latest charges by card or transfer or, for staff, everybody's. What the balance paid is the
// store's, which no bank can take back.
func (c *console) chargeRows(ctx context.Context, cu customer) ([]chargeRow, error) {
	all, err := c.provider.charges(ctx, func(m movement) bool {
		return (cu.staff() || m.Charge.Account == cu.ID) && m.Result.Status == payment.Succeeded
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b movement) int { return b.Result.At.Compare(a.Result.At) })
	var rows []chargeRow
	for _, m := range all[:min(len(all), mostCharges)] {
		row := chargeRow{movement: m}
		app, id, err := subscription.AttemptID(m.Charge.Key).Parse()
		if err != nil {
			return nil, err
		}
		o, err := c.service.Order(ctx, app, id)
		if err != nil {
			return nil, err
		}
		row.Path, row.Title = orderPath(app, id), c.orderTitle(o)
		if row.taken, err = c.provider.takenOf(ctx, m); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// currencyOfCharge returns the currency of a charge or, if it isn't known, that of a customer.
func (c *console) currencyOfCharge(ctx context.Context, cu customer, key string) pricing.Currency {
	all, err := c.provider.charges(ctx, func(m movement) bool { return m.Charge.Key == key })
	if err != nil || len(all) == 0 {
		return c.currencyOf(cu)
	}
	return all[0].Charge.Amount.Currency()
}

// reverseCharge plays what a bank or the provider's staff does about a charge without being asked. The console hears of
// it by the webhook.
func (c *console) reverseCharge(w http.ResponseWriter, r *http.Request, cu customer) error {
	const here = "/demonstration/provider"
	a := act{Do: deed(r.FormValue("do")), Charge: r.FormValue("charge"), ID: r.FormValue("id")}
	var err error
	if typed := r.FormValue("amount"); typed != "" {
		if a.Amount, err = typedMoney(typed, c.currencyOfCharge(r.Context(), cu, a.Charge)); err != nil || a.Amount.Sign() <= 0 {
			return back(w, r, here, bad("refund_amount"))
		}
	}
	switch a.Do {
	case chargesBack, givesBack, reinstates, keepsForGood, failsToRefund:
	case approves, refuses, spendsAll:
		return errNoPage
	}
	err = c.provider.play(r.Context(), a)
	switch {
	case errors.Is(err, errNothingLeft):
		return back(w, r, here, bad("nothing_left"))
	case errors.Is(err, errWhole):
		return back(w, r, here, bad("whole"))
	case err != nil:
		return err
	}
	return see(w, r, here+"?notice="+c.heard(string(a.Do)))
}
