package stripe

import (
	"fmt"
	"time"

	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
)

// disputed returns what a dispute did to the money of its charge, without the charge's key; the zero Reversal if it moved
// none, as an inquiry does, or a dispute that was prevented. What was withdrawn is reversed at once, though it may be
// reinstated when the dispute is won.
func disputed(d *stripego.Dispute) (payment.Reversal, error) {
	r := payment.Reversal{ID: d.ID, Reason: payment.Reason(d.Reason), Reference: d.ID}
	for _, t := range d.BalanceTransactions {
		switch {
		case t.Amount > 0:
			r.Status = payment.Reinstated
		case t.Amount < 0 && r.Status == "":
			r.Status = payment.Reversed
		}
		if at := time.Unix(t.Created, 0).UTC(); at.After(r.At) {
			r.At = at
		}
	}
	if r.Status == "" {
		return payment.Reversal{}, nil
	}
	var err error
	if r.Amount, err = money(d.Amount, d.Currency); err != nil {
		return payment.Reversal{}, fmt.Errorf("%w: %s: %w", errAnswer, d.ID, err)
	}
	return r, nil
}

// givenBack returns what a refund did that somebody made at the provider, without the charge's key; the zero Reversal while
// it is under way. One that failed is reinstated.
func givenBack(re *stripego.Refund) (payment.Reversal, error) {
	r := payment.Reversal{ID: re.ID, Reason: payment.Reason(re.Reason), Reference: re.ID, At: time.Unix(re.Created, 0).UTC()}
	switch re.Status {
	case stripego.RefundStatusSucceeded:
		r.Status = payment.GivenBack
	case stripego.RefundStatusFailed, stripego.RefundStatusCanceled:
		r.Status = payment.Reinstated
	case stripego.RefundStatusPending, stripego.RefundStatusRequiresAction:
		return payment.Reversal{}, nil
	default:
		return payment.Reversal{}, fmt.Errorf("%w: %s is %.40q", errAnswer, re.ID, string(re.Status))
	}
	var err error
	if r.Amount, err = money(re.Amount, re.Currency); err != nil {
		return payment.Reversal{}, fmt.Errorf("%w: %s: %w", errAnswer, re.ID, err)
	}
	return r, nil
}
