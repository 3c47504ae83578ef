package debit

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Reversals reads the bank's list of paid debits whose money was taken back, after a line, from 0, and returns the last
// line that it has read. Give the Charge of each to subscription.Service.Notify, as the attempt, since nobody may have asked
// yet whether it was paid, then the reversal to Reverse; and keep the line once all are applied: reading lines again does
// no harm. Lines of other systems that use the same creditor are passed over; of another store of this SDK they aren't, and
// Notify fails with subscription.ErrNotFound.
func (g *Gateway) Reversals(ctx context.Context, after int64) (all []payment.Reversal, last int64, err error) {
	var lines []struct {
		Line     int64            `json:"line"`
		ID       string           `json:"id"`
		Attached string           `json:"attached"`
		Amount   int64            `json:"amount"`
		Currency pricing.Currency `json:"currency"`
		Code     string           `json:"code"`
		At       time.Time        `json:"at"`
	}
	if err := g.call(ctx, http.MethodGet, "/returns?after="+strconv.FormatInt(after, 10), nil, &lines); err != nil {
		return nil, after, err
	}
	last = after
	for _, l := range lines {
		last = l.Line
		a, err := parse(l.Attached)
		if err != nil {
			continue
		}
		r := payment.Reversal{
			ID: l.ID, Charge: a.key, Status: payment.Reversed, Reason: reason(l.Code), Reference: l.Code, At: l.At,
		}
		if r.Amount, err = pricing.FromMinor(l.Amount, l.Currency); err != nil {
			return nil, after, err
		}
		all = append(all, r)
	}
	return all, last, nil
}
