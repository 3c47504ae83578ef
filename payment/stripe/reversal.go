package stripe

import (
	"fmt"
	"time"

	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
)

// disputed returns what a dispute did to the money of its charge, without the charge's key; nothing if it moved none, as an
// inquiry does, or a dispute that was prevented. What was withdrawn is reversed at once, though it may be reinstated when the
// dispute is won. A part comes back from a lost one of a charge that was refunded in part: the reversal is told first, since
// the service leaves the part of one that it knows to a person. It fails, beside what was withdrawn, if the part is in another
// currency than the charge.
func disputed(d *stripego.Dispute) ([]payment.Reversal, error) {
	r := payment.Reversal{ID: d.ID, Status: payment.Reversed, Reason: payment.Reason(d.Reason), Reference: d.ID}
	var withdrawn, returned int64
	ours := true
	for _, t := range d.BalanceTransactions {
		if t.Amount < 0 {
			withdrawn -= t.Amount
		} else {
			returned += t.Amount
		}
		ours = ours && t.Currency == d.Currency
		if at := time.Unix(t.Created, 0).UTC(); at.After(r.At) {
			r.At = at
		}
	}
	if withdrawn == 0 && returned == 0 {
		return nil, nil
	}
	var err error
	if r.Amount, err = money(d.Amount, d.Currency); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errAnswer, d.ID, err)
	}
	part := r
	part.Status = payment.Reinstated
	switch {
	case returned == 0:
		return []payment.Reversal{r}, nil
	case ours && returned >= withdrawn, !ours && d.Status == stripego.DisputeStatusWon:
		return []payment.Reversal{part}, nil
	case !ours:
		return []payment.Reversal{r}, fmt.Errorf("stripe: %s of %s came back in another currency: somebody has to look", d.ID, r.Amount)
	}
	if part.Amount, err = money(returned, d.Currency); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errAnswer, d.ID, err)
	}
	return []payment.Reversal{r, part}, nil
}

// givenBack returns what a refund did that somebody made at the provider, without the charge's key; nothing while it is
// under way. One that failed is reinstated.
func givenBack(re *stripego.Refund) ([]payment.Reversal, error) {
	r := payment.Reversal{ID: re.ID, Reason: payment.Reason(re.Reason), Reference: re.ID, At: time.Unix(re.Created, 0).UTC()}
	switch re.Status {
	case stripego.RefundStatusSucceeded:
		r.Status = payment.GivenBack
	case stripego.RefundStatusFailed, stripego.RefundStatusCanceled:
		r.Status = payment.Reinstated
	case stripego.RefundStatusPending, stripego.RefundStatusRequiresAction:
		return nil, nil
	default:
		return nil, fmt.Errorf("%w: %s is %.40q", errAnswer, re.ID, string(re.Status))
	}
	var err error
	if r.Amount, err = money(re.Amount, re.Currency); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errAnswer, re.ID, err)
	}
	return []payment.Reversal{r}, nil
}
