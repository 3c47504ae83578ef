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

	Path      string // of its order
	Title     string
	Left      pricing.Money
	Refunds   []payment.Refund
	Reversals []payment.Reversal
}

// mostCharges is the number of charges that the provider's page shows.
const mostCharges = 8

// chargeRows returns a customer's latest charges by card or transfer. What the balance paid is the store's, which no bank
// can take back.
func (c *console) chargeRows(ctx context.Context, cu customer) ([]chargeRow, error) {
	all, err := c.provider.charges(ctx, func(m movement) bool {
		return m.Charge.Account == cu.ID && m.Result.Status == payment.Succeeded
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
		if row.Left, err = c.provider.left(ctx, m); err != nil {
			return nil, err
		}
		if row.Refunds, err = c.provider.refundsOf(ctx, m.Charge.Key); err != nil {
			return nil, err
		}
		if row.Reversals, err = c.provider.reversalsOf(ctx, m.Charge.Key); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// reverseCharge plays what a bank or the provider's staff does about a charge without being asked. The console hears of
// it by the webhook.
func (c *console) reverseCharge(w http.ResponseWriter, r *http.Request, cu customer) error {
	const here = "/demonstration/provider"
	ctx, p := r.Context(), c.provider
	var amount pricing.Money
	var err error
	if typed := r.FormValue("amount"); typed != "" {
		if amount, err = typedMoney(typed, c.currencyOf(cu)); err != nil || amount.Sign() <= 0 {
			return back(w, r, here, bad("refund_amount"))
		}
	}
	said := r.FormValue("do")
	switch said {
	case "chargeback":
		err = p.reverse(ctx, r.FormValue("charge"), amount, payment.Reversed)
	case "given-back":
		err = p.reverse(ctx, r.FormValue("charge"), amount, payment.GivenBack)
	case "reinstated":
		err = p.reinstate(ctx, r.FormValue("reversal"))
	case "refund-failed":
		err = p.failRefund(ctx, r.FormValue("refund"))
	default:
		return errNoPage
	}
	if errors.Is(err, errNothingLeft) {
		return back(w, r, here, bad("nothing_left"))
	}
	if err != nil {
		return err
	}
	return see(w, r, here+"?notice="+said)
}
