package stripefake

import "fmt"

type dispute struct {
	ID                  string               `json:"id"`
	Object              string               `json:"object"`
	Amount              int64                `json:"amount"`
	Currency            string               `json:"currency"`
	Created             int64                `json:"created"`
	Status              string               `json:"status"`
	Reason              string               `json:"reason"`
	Charge              string               `json:"charge"`
	PaymentIntent       string               `json:"payment_intent"`
	BalanceTransactions []balanceTransaction `json:"balance_transactions"`
}

type balanceTransaction struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Created  int64  `json:"created"`
}

// Statuses of a dispute that took the money.
const (
	needsResponse = "needs_response"
	lost          = "lost"
)

// Dispute makes the payer's bank take the money of an intent back, and returns the dispute's ID. If inquiry is true, the
// bank only asks, and takes nothing. It fails with [ErrUnknown] or [ErrState].
func (f *Fake) Dispute(intentID string, inquiry bool) (id string, err error) {
	err = f.act(intentID, func(in *intent) error {
		if in.Status != succeeded || in.disputed {
			return ErrState
		}
		d := &dispute{
			ID: f.id("dp"), Object: "dispute", Amount: in.AmountReceived - in.refunded, Currency: in.Currency,
			Created: f.now().Unix(), Status: needsResponse, Reason: "fraudulent", Charge: in.charge.ID, PaymentIntent: in.ID,
			BalanceTransactions: []balanceTransaction{},
		}
		f.disputes[d.ID] = d
		f.order = append(f.order, d.ID)
		id = d.ID
		if inquiry {
			d.Status = "warning_needs_response"
		}
		f.notify("charge.dispute.created", d)
		if !inquiry {
			in.disputed = true
			f.book(d, -d.Amount)
			f.notify("charge.dispute.funds_withdrawn", d)
		}
		return nil
	})
	return id, err
}

// CloseDispute ends a dispute: if won, the bank returns the money. It fails with [ErrUnknown] or [ErrState].
func (f *Fake) CloseDispute(disputeID string, won bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.disputes[disputeID]
	switch {
	case d == nil:
		return fmt.Errorf("%w: %.100q", ErrUnknown, disputeID)
	case d.Status == "warning_needs_response":
		d.Status = "warning_closed"
	case d.Status != needsResponse:
		return ErrState
	case won:
		d.Status = "won"
		f.intents[d.PaymentIntent].disputed = false
		f.book(d, d.Amount)
		f.notify("charge.dispute.funds_reinstated", d)
	default:
		d.Status = lost
	}
	f.notify("charge.dispute.closed", d)
	return nil
}

func (f *Fake) book(d *dispute, amount int64) {
	d.BalanceTransactions = append(d.BalanceTransactions, balanceTransaction{
		ID: f.id("txn"), Object: "balance_transaction", Amount: amount, Currency: d.Currency, Created: f.now().Unix(),
	})
}
