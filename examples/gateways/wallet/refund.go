package wallet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prepaidkit/prepaid/examples/gateways/api"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// refundRequest is what is asked for, and refundOrder the wallet's answer.
type refundRequest struct {
	Number   string `json:"number"`
	Order    string `json:"order"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Buyer    string `json:"buyer"`
	Attached string `json:"attached"`
}

type refundOrder struct {
	refundRequest

	ID     string    `json:"id"`
	State  string    `json:"state"`
	Reason string    `json:"reason"`
	DoneAt time.Time `json:"done_at"`
}

// Refund implements [payment.Gateway]. The wallet makes it later, so it is pending at first.
func (g *Gateway) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if err := r.Validate(); err != nil {
		return payment.Result{}, err
	}
	q := refundRequest{
		Number: api.Number(r.Key), Order: api.Number(r.Charge), Amount: r.Amount.Minor(), Currency: string(r.Amount.Currency()),
		Buyer: api.Number(r.Account), Attached: attached{refund, api.Digest(r), r.Key}.String(),
	}
	var made refundOrder
	find := func() error { return g.call(ctx, http.MethodGet, "/refunds/"+q.Number, nil, &made) }
	err := find()
	if errors.Is(err, errNoSuchRefund) {
		err = g.call(ctx, http.MethodPost, "/refunds", q, &made)
	}
	if errors.Is(err, errNumberUsed) { // meanwhile
		err = find()
	}
	switch {
	case errors.Is(err, errNoSuchOrder), errors.Is(err, errOrderOpen):
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
	case err != nil:
		return payment.Result{}, err
	case made.Attached != q.Attached:
		return payment.Result{}, fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	}
	return g.refundResult(r.Key, made)
}

func (g *Gateway) refundResult(key string, made refundOrder) (payment.Result, error) {
	r := payment.Result{Key: key, Reference: made.ID}
	var err error
	switch made.State {
	case "processing":
		r.Status = payment.Pending
	case "done":
		r.Status, r.At = payment.Succeeded, made.DoneAt
		r.Amount, err = pricing.FromMinor(made.Amount, g.o.Currency)
	case "failed":
		r.Status, r.Reason = payment.Declined, reason(made.Reason)
	}
	if err := errors.Join(err, r.Validate()); err != nil {
		return payment.Result{}, fmt.Errorf("%w: refund %s is %.20q: %w", api.ErrAnswer, made.Number, made.State, err)
	}
	return r, nil
}
