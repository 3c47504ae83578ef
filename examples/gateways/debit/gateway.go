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

// Options are what a gateway needs to know. All fields are required.
type Options struct {
	URL    string       // the bank's
	Client *http.Client // with a timeout; its transport authenticates the creditor
	Text   string       // for the payer's statement
}

// Gateway is the adapter. Make one with New. It is a [payment.Gateway] and a [payment.Canceler].
type Gateway struct{ o Options }

var _ payment.Canceler = (*Gateway)(nil)

// New returns a gateway. It fails if an option is missing.
func New(o Options) (*Gateway, error) {
	if o.URL == "" || o.Client == nil || o.Text == "" {
		return nil, errors.New("debit: URL, Client and Text are required")
	}
	return &Gateway{o}, nil
}

// request is what is asked for: the bank refuses its number with another one. The digest in Attached is that of the whole charge,
// and says whether it is the same.
type request struct {
	Account  string `json:"account"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Text     string `json:"text"`
	Attached string `json:"attached"`
}

// debit is the bank's answer.
type debit struct {
	request

	ID      string    `json:"id"`
	State   string    `json:"state"`
	Code    string    `json:"code"`
	EndedAt time.Time `json:"ended_at"`
}

// Mandate returns the name by which the bank knows an account's mandate, of 32 letters and digits.
func Mandate(account string) string { return api.Number(account) }

// Charge implements [payment.Gateway]. It is pending for days; nobody has to be present.
func (g *Gateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := c.Validate(); err != nil {
		return payment.Result{}, err
	}
	var made debit
	q := request{
		Account: Mandate(c.Account), Amount: c.Amount.Minor(), Currency: string(c.Amount.Currency()), Text: g.o.Text,
		Attached: attached{api.Digest(c), c.Key}.String(),
	}
	err := g.call(ctx, http.MethodPut, "/debits/"+api.Number(c.Key), q, &made)
	if errors.Is(err, errNumberUsed) { // by another charge, or by this one with another text
		err = g.call(ctx, http.MethodGet, "/debits/"+api.Number(c.Key), nil, &made)
	}
	if err != nil {
		return payment.Result{}, err
	}
	if made.Attached != q.Attached {
		return payment.Result{}, fmt.Errorf("%w: charge %q", payment.ErrKeyConflict, c.Key)
	}
	return result(c.Key, made)
}

// Lookup implements [payment.Gateway].
func (g *Gateway) Lookup(ctx context.Context, key string) (payment.Result, error) {
	return g.about(ctx, key, http.MethodGet, "")
}

// Cancel implements [payment.Canceler]. A debit that was submitted goes on, and is pending until the payer's bank
// answers.
func (g *Gateway) Cancel(ctx context.Context, key string) (payment.Result, error) {
	r, err := g.about(ctx, key, http.MethodPost, "/cancel")
	if errors.Is(err, errTooLate) {
		return g.Lookup(ctx, key)
	}
	return r, err
}

// Retention implements [payment.Gateway]. The bank remembers numbers forever.
func (*Gateway) Retention() time.Duration { return 0 }

// about sends a request about a debit that was asked for before.
func (g *Gateway) about(ctx context.Context, key, method, path string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	var found debit
	err := g.call(ctx, method, "/debits/"+api.Number(key)+path, nil, &found)
	if errors.Is(err, errNoSuchDebit) {
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	if err != nil {
		return payment.Result{}, err
	}
	return result(key, found)
}

// result returns what a debit says of the charge with that key.
func result(key string, d debit) (payment.Result, error) {
	a, err := parse(d.Attached)
	if err != nil || a.key != key {
		return payment.Result{}, fmt.Errorf("%w: debit %s is of another key", api.ErrAnswer, d.ID)
	}
	r := payment.Result{Key: key, Reference: d.ID}
	switch d.State {
	case "accepted", "submitted":
		r.Status = payment.Pending
	case "paid", "taken_back": // what is taken back later is a Reversal
		r.Status, r.At = payment.Succeeded, d.EndedAt
		r.Amount, err = pricing.FromMinor(d.Amount, pricing.Currency(d.Currency))
	case "returned":
		r.Status, r.Reason = payment.Declined, reason(d.Code)
	case "canceled":
		r.Status, r.Reason = payment.Declined, payment.Canceled
	}
	if err := errors.Join(err, r.Validate()); err != nil {
		return payment.Result{}, fmt.Errorf("%w: debit %s is %.20q: %w", api.ErrAnswer, d.ID, d.State, err)
	}
	return r, nil
}

// reason translates the bank's codes. Without funds another attempt makes sense; without an account or a mandate none
// does, until the customer gives another one.
func reason(code string) payment.Reason {
	switch code {
	case "AM04":
		return payment.InsufficientBalance
	case "AC01", "AC04", "AC13", "MD01":
		return payment.NoPaymentMethod
	case "AC06":
		return payment.Suspected
	case "exceeds":
		return payment.ExceedsCharge
	case "differs":
		return payment.Mismatch
	}
	return payment.Other
}
