package bankserver

import "time"

// The states of a debit.
const (
	Accepted  = "accepted"  // for the next batch
	Submitted = "submitted" // with a batch, to the payer's bank
	Paid      = "paid"
	Returned  = "returned" // unpaid; see Code
	Canceled  = "canceled"
	TakenBack = "taken_back" // it was paid, and the payer's bank has taken the money back
)

// Codes of returns, as banks have them.
const (
	NoFunds      = "AM04" // insufficient funds
	Closed       = "AC04" // the account is closed
	Stopped      = "AC06" // the account is blocked
	NoMandate    = "MD01" // the payer hasn't allowed it, or not any more
	PayerRefuses = "MD06" // the payer wants the money back
)

// DebitRequest is what a creditor asks for.
type DebitRequest struct {
	Account  string `json:"account"`  // the creditor's name for the payer's mandate, at most 35 bytes
	Amount   int64  `json:"amount"`   // in minor units
	Currency string `json:"currency"` //
	Text     string `json:"text"`     // for the payer's statement
	Attached string `json:"attached"` // for the creditor, at most 512 bytes
}

// Debit is a request under the creditor's number, of at most 35 bytes, and what became of it.
type Debit struct {
	DebitRequest

	Number  string    `json:"number"`
	ID      string    `json:"id"` // the bank's own
	State   string    `json:"state"`
	Code    string    `json:"code,omitempty"`
	EndedAt time.Time `json:"ended_at,omitzero"` // when it was paid, returned or canceled

	due  int   // the day on which the payer's bank answers
	back int64 // transferred back
}

func (d *Debit) paid() bool { return d.State == Paid || d.State == TakenBack }

// The states of a transfer, and the codes of those that are refused.
const (
	Done    = "done"
	Refused = "refused"

	Exceeds = "exceeds" // more than is left of the debit
	Differs = "differs" // to another account or in another currency than the debit's
)

// TransferRequest is a transfer that returns a debit or a part of it.
type TransferRequest struct {
	Debit    string `json:"debit"` // its number
	Account  string `json:"account"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Attached string `json:"attached"`
}

// Transfer is a request under the creditor's number, and what became of it.
type Transfer struct {
	TransferRequest

	Number string    `json:"number"`
	ID     string    `json:"id"`
	State  string    `json:"state"` // accepted, done or refused
	Code   string    `json:"code,omitempty"`
	DoneAt time.Time `json:"done_at,omitzero"`
}

// Return is a line of the list of paid debits whose money was taken back.
type Return struct {
	Line     int64     `json:"line"` // ascending, from 1
	ID       string    `json:"id"`
	Attached string    `json:"attached"` // of the debit
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
	Code     string    `json:"code"`
	At       time.Time `json:"at"`
}

// Error is the body of an answer that refuses a request.
type Error struct {
	Code string `json:"error"`
}

// The codes of errors.
const (
	BadRequest  = "bad_request"
	NumberUsed  = "number_used" // the number stands for another request
	NoSuchDebit = "no_such_debit"
	TooLate     = "too_late"   // to cancel
	DebitOpen   = "debit_open" // it can't be returned yet
)
