package walletserver

import "time"

// The states of an order.
const (
	Waiting  = "waiting"  // for somebody to scan the code and pay
	Paid     = "paid"     //
	Refunded = "refunded" // paid, and at least a part has been returned
	Closed   = "closed"   // by the merchant, or because its time is over
	Failed   = "failed"   // somebody scanned the code, and the payment failed for good; see Reason
)

// The reasons for which an order or a refund fails.
const (
	Balance = "balance"  // the payer has too little money
	Blocked = "blocked"  // the payer's wallet is blocked
	NoFunds = "no_funds" // the payer's wallet has no source of money
	Denied  = "denied"   // the payer was asked and said no
	Exceeds = "exceeds"  // more than is left of the order
	Differs = "differs"  // a refund of another buyer or currency than the order's
)

// Request is what a merchant orders.
type Request struct {
	Number   string `json:"number"` // the merchant's own, at most 32 letters and digits, never used twice
	Amount   int64  `json:"amount"` // in minor units of the merchant's currency
	Buyer    string `json:"buyer"`  // the merchant's name for the customer, at most 32 letters and digits
	Subject  string `json:"subject"`
	Attached string `json:"attached"` // for the merchant, at most 512 bytes; it comes back in answers and notifications
	Minutes  int    `json:"minutes"`  // how long it can be paid
}

// Order is a request, and what became of it.
type Order struct {
	Request

	ID      string    `json:"id"` // the wallet's own
	State   string    `json:"state"`
	Reason  string    `json:"reason,omitempty"`
	Expires time.Time `json:"expires"`
	PaidAt  time.Time `json:"paid_at,omitzero"`
	// Code is the text of the QR code. It is in the answer to an order, and not in that to a query.
	Code string `json:"code,omitempty"`

	back  int64 // returned, or on its way
	payer string
}

// The states of a refund.
const (
	Processing = "processing"
	Done       = "done"
)

// Refund is a refund, and what became of it.
type Refund struct {
	Number   string    `json:"number"` // the merchant's own, never used twice, as that of an order
	Order    string    `json:"order"`  // its number
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
	Buyer    string    `json:"buyer"`
	Attached string    `json:"attached"`
	ID       string    `json:"id,omitempty"`
	State    string    `json:"state,omitempty"` // processing, done or failed
	Reason   string    `json:"reason,omitempty"`
	DoneAt   time.Time `json:"done_at,omitzero"`
}

// Error is the body of an answer that refuses a request.
type Error struct {
	Code string `json:"error"`
}

// The codes of errors.
const (
	BadRequest   = "bad_request"
	NumberUsed   = "number_used" // the number stands for another request, or for an order that is over
	NoSuchOrder  = "no_such_order"
	NoSuchRefund = "no_such_refund"
	OrderOver    = "order_over" // it can't be closed any more
	OrderOpen    = "order_open" // it can't be refunded yet
)

// over reports whether an order can't be paid any more.
func (o *Order) over() bool { return o.State != Waiting }

func (o *Order) paid() bool { return o.State == Paid || o.State == Refunded }
