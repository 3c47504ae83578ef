package stripefake

import (
	"fmt"
	"slices"
	"strconv"
)

type refund struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Currency      string            `json:"currency"`
	Created       int64             `json:"created"`
	Status        string            `json:"status"`
	FailureReason string            `json:"failure_reason,omitempty"`
	PaymentIntent string            `json:"payment_intent"`
	Charge        string            `json:"charge"`
	Metadata      map[string]string `json:"metadata"`
}

func (f *Fake) createRefund(q request) (any, *apiError) {
	in := f.intents[q.form.Get("payment_intent")]
	if in == nil {
		return nil, noSuch("payment_intent", q.form.Get("payment_intent"), "payment_intent")
	}
	amount, err := strconv.ParseInt(q.form.Get("amount"), 10, 64)
	switch {
	case err != nil || amount < 1:
		return nil, &apiError{Type: invalidRequest, Code: "parameter_invalid_integer", Param: "amount", Message: "Invalid amount."}
	case in.Status != succeeded:
		return nil, &apiError{Type: invalidRequest, Param: "payment_intent", Message: "There is no charge to refund."}
	case in.disputed:
		return nil, &apiError{Type: invalidRequest, Code: "charge_disputed", Message: "The charge has been charged back."}
	case in.refunded == in.AmountReceived:
		return nil, &apiError{Type: invalidRequest, Code: "charge_already_refunded", Message: "The charge has already been refunded."}
	case amount > in.AmountReceived-in.refunded:
		return nil, &apiError{Type: invalidRequest, Param: "amount", Message: "Refund amount is greater than unrefunded amount on charge."}
	}
	named := map[string]string{}
	if failed := metadata(named, q.form); failed != nil {
		return nil, failed
	}
	return f.newRefund(in, amount, named), nil
}

func (f *Fake) newRefund(in *intent, amount int64, named map[string]string) *refund {
	re := &refund{
		ID: f.id("re"), Object: "refund", Amount: amount, Currency: in.Currency, Created: f.now().Unix(), Status: succeeded,
		PaymentIntent: in.ID, Charge: in.charge.ID, Metadata: named,
	}
	in.refunded += amount
	in.charge.AmountRefunded += amount
	f.refunds[re.ID] = re
	f.order = append(f.order, re.ID)
	f.notify("refund.created", re)
	return re
}

func (f *Fake) listRefunds(q request) (any, *apiError) {
	limit, err := strconv.Atoi(q.form.Get("limit"))
	if err != nil || limit < 1 || limit > 100 {
		limit = 10
	}
	data, after, more := []*refund{}, q.form.Get("starting_after"), false
	for _, id := range slices.Backward(f.order) { // the latest one first
		re := f.refunds[id]
		switch {
		case re == nil || re.PaymentIntent != q.form.Get("payment_intent"):
		case after != "":
			if re.ID == after {
				after = ""
			}
		case len(data) == limit:
			more = true
		default:
			data = append(data, re)
		}
	}
	return map[string]any{"object": "list", "url": "/v1/refunds", "has_more": more, "data": data}, nil
}

// RefundElsewhere refunds part of an intent as a person does on the provider's pages, and returns the refund's ID. It fails
// with [ErrUnknown], or with [ErrState] if that much isn't left.
func (f *Fake) RefundElsewhere(intentID string, amount int64) (id string, err error) {
	err = f.act(intentID, func(in *intent) error {
		if in.Status != succeeded || amount < 1 || amount > in.AmountReceived-in.refunded {
			return ErrState
		}
		id = f.newRefund(in, amount, map[string]string{}).ID
		return nil
	})
	return id, err
}

// FailRefund makes a refund that succeeded fail, as banks do days later. It fails with [ErrUnknown] or [ErrState].
func (f *Fake) FailRefund(refundID string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	re := f.refunds[refundID]
	switch {
	case re == nil:
		return fmt.Errorf("%w: %.100q", ErrUnknown, refundID)
	case re.Status != succeeded:
		return ErrState
	}
	re.Status, re.FailureReason = "failed", "expired_or_canceled_card"
	in := f.intents[re.PaymentIntent]
	in.refunded -= re.Amount
	in.charge.AmountRefunded -= re.Amount
	f.notify("refund.failed", re)
	return nil
}

// Refunds returns the IDs of an intent's refunds, the oldest one first.
func (f *Fake) Refunds(intentID string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for _, id := range f.order {
		if re := f.refunds[id]; re != nil && re.PaymentIntent == intentID {
			ids = append(ids, id)
		}
	}
	return ids
}
