package debit

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

// transferRequest is what is asked for, and transfer the bank's answer.
type transferRequest struct {
	Debit    string `json:"debit"`
	Account  string `json:"account"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Attached string `json:"attached"`
}

type transfer struct {
	transferRequest

	ID     string    `json:"id"`
	State  string    `json:"state"`
	Code   string    `json:"code"`
	DoneAt time.Time `json:"done_at"`
}

// Refund implements [payment.Gateway]. It is a credit transfer, and pending until that is made.
func (g *Gateway) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if err := r.Validate(); err != nil {
		return payment.Result{}, err
	}
	var made transfer
	err := g.call(ctx, http.MethodPut, "/transfers/"+api.Number(r.Key), transferRequest{
		Debit: api.Number(r.Charge), Account: Mandate(r.Account), Amount: r.Amount.Minor(), Currency: string(r.Amount.Currency()),
		Attached: attached{api.Digest(r), r.Key}.String(),
	}, &made)
	switch {
	case errors.Is(err, errNumberUsed):
		return payment.Result{}, fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	case errors.Is(err, errNoSuchDebit), errors.Is(err, errDebitOpen):
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
	case err != nil:
		return payment.Result{}, err
	}
	return transferResult(r.Key, made)
}

func transferResult(key string, t transfer) (payment.Result, error) {
	r := payment.Result{Key: key, Reference: t.ID}
	var err error
	switch t.State {
	case "accepted":
		r.Status = payment.Pending
	case "done":
		r.Status, r.At = payment.Succeeded, t.DoneAt
		r.Amount, err = pricing.FromMinor(t.Amount, pricing.Currency(t.Currency))
	case "refused":
		r.Status, r.Reason = payment.Declined, reason(t.Code)
	}
	if err := errors.Join(err, r.Validate()); err != nil {
		return payment.Result{}, fmt.Errorf("%w: transfer %s is %.20q: %w", api.ErrAnswer, t.ID, t.State, err)
	}
	return r, nil
}
