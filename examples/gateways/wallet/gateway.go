package wallet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prepaidkit/prepaid/examples/gateways/api"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// ActionQR is the kind of this gateway's actions: the value is the text of a QR code, which the payer scans with the
// wallet, or opens on the telephone on which it is.
const ActionQR payment.ActionKind = "qr_code"

// Options are what a gateway needs to know. All fields but Minutes are required.
type Options struct {
	URL      string           // the wallet's
	Client   *http.Client     // with a timeout; its transport authenticates the merchant
	Secret   []byte           // signs notifications
	Currency pricing.Currency // the merchant's
	Subject  string           // what the payer reads
	Minutes  int              // how long an order can be paid; 0 means two hours
}

// Gateway is the adapter. Make one with New. It is a [payment.Gateway] and a [payment.Canceler].
type Gateway struct{ o Options }

var _ payment.Canceler = (*Gateway)(nil)

// New returns a gateway. It fails if an option is missing.
func New(o Options) (*Gateway, error) {
	if o.URL == "" || o.Client == nil || len(o.Secret) == 0 || o.Currency == "" || o.Subject == "" || o.Minutes < 0 {
		return nil, errors.New("wallet: URL, Client, Secret, Currency and Subject are required")
	}
	o.Minutes = cmp.Or(o.Minutes, 120)
	return &Gateway{o}, nil
}

// request is what is ordered. The wallet takes the same request again as long as the order can be paid.
type request struct {
	Number   string `json:"number"`
	Amount   int64  `json:"amount"`
	Buyer    string `json:"buyer"`
	Subject  string `json:"subject"`
	Attached string `json:"attached"`
	Minutes  int    `json:"minutes"`
}

// order is the wallet's answer.
type order struct {
	request

	ID      string    `json:"id"`
	State   string    `json:"state"`
	Reason  string    `json:"reason"`
	Expires time.Time `json:"expires"`
	PaidAt  time.Time `json:"paid_at"`
	Code    string    `json:"code"`
}

// Charge implements [payment.Gateway].
func (g *Gateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := c.Validate(); err != nil {
		return payment.Result{}, err
	}
	kind := payable
	switch {
	case c.Amount.Currency() != g.o.Currency:
		kind = foreign
	case !c.Present:
		kind = absent
	}
	made, err := g.order(ctx, request{
		Number: api.Number(c.Key), Amount: c.Amount.Minor(), Buyer: api.Number(c.Account), Subject: g.o.Subject,
		Attached: attached{kind, api.Digest(c), c.Key}.String(), Minutes: g.o.Minutes,
	})
	if err != nil {
		return payment.Result{}, err
	}
	if a, err := parse(made.Attached); err != nil || a != (attached{kind, api.Digest(c), c.Key}) {
		return payment.Result{}, fmt.Errorf("%w: charge %q", payment.ErrKeyConflict, c.Key)
	}
	return g.result(ctx, c.Key, made)
}

// Lookup implements [payment.Gateway].
func (g *Gateway) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	found, err := g.find(ctx, api.Number(key))
	if errors.Is(err, errNoSuchOrder) {
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	if err == nil && found.State == "waiting" {
		found, err = g.order(ctx, found.request) // for its code
	}
	if err != nil {
		return payment.Result{}, err
	}
	return g.result(ctx, key, found)
}

// Cancel implements [payment.Canceler].
func (g *Gateway) Cancel(ctx context.Context, key string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	if err := g.close(ctx, api.Number(key)); err != nil {
		return payment.Result{}, err
	}
	return g.Lookup(ctx, key)
}

// Retention implements [payment.Gateway]. The wallet remembers numbers forever.
func (*Gateway) Retention() time.Duration { return 0 }

// order makes an order, or returns the one that has its number.
func (g *Gateway) order(ctx context.Context, r request) (order, error) {
	var made order
	err := g.call(ctx, http.MethodPost, "/orders", r, &made)
	if errors.Is(err, errNumberUsed) { // by this request, and the order is over, or by another one
		return g.find(ctx, r.Number)
	}
	return made, err
}

func (g *Gateway) find(ctx context.Context, number string) (order, error) {
	var found order
	err := g.call(ctx, http.MethodGet, "/orders/"+number, nil, &found)
	return found, err
}

// close closes an order, unless it is over or unknown.
func (g *Gateway) close(ctx context.Context, number string) error {
	err := g.call(ctx, http.MethodPost, "/orders/"+number+"/close", nil, nil)
	if errors.Is(err, errOrderOver) || errors.Is(err, errNoSuchOrder) {
		return nil
	}
	return err
}

// result returns what an order says of the charge with that key.
func (g *Gateway) result(ctx context.Context, key string, o order) (payment.Result, error) {
	a, err := parse(o.Attached)
	if err != nil || a.key != key {
		return payment.Result{}, fmt.Errorf("%w: order %s is of another key", api.ErrAnswer, o.Number)
	}
	if o.State == "waiting" && a.kind != payable { // nobody has its code
		if err := g.close(ctx, o.Number); err != nil {
			return payment.Result{}, err
		}
		if o, err = g.find(ctx, o.Number); err != nil {
			return payment.Result{}, err
		}
	}
	r := payment.Result{Key: key, Reference: o.ID}
	switch o.State {
	case "waiting":
		r.Status, r.Action = payment.Pending, payment.Action{Kind: ActionQR, Value: o.Code, Until: o.Expires}
	case "paid", "refunded":
		r.Status, r.At = payment.Succeeded, o.PaidAt
		r.Amount, err = pricing.FromMinor(o.Amount, g.o.Currency)
	case "closed":
		r.Status, r.Reason = payment.Declined, a.kind.reason()
	case "failed":
		r.Status, r.Reason = payment.Declined, reason(o.Reason)
	}
	if err := errors.Join(err, r.Validate()); err != nil {
		return payment.Result{}, fmt.Errorf("%w: order %s is %.20q: %w", api.ErrAnswer, o.Number, o.State, err)
	}
	return r, nil
}

// reason translates the wallet's reasons.
func reason(s string) payment.Reason {
	switch s {
	case "balance":
		return payment.InsufficientBalance
	case "blocked":
		return payment.Suspected
	case "no_funds":
		return payment.NoPaymentMethod
	case "denied":
		return payment.NeedsAuthentication
	case "exceeds":
		return payment.ExceedsCharge
	case "differs":
		return payment.Mismatch
	}
	return payment.Other
}
