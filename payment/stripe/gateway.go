package stripe

import (
	"context"
	"fmt"
	"net/http"
	"time"

	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
)

// Payer is what the provider knows an account by.
type Payer struct {
	Customer      string // the ID of a customer; empty: the account has none, so its charges are declined
	PaymentMethod string // the ID of a payment method of that customer; empty: the customer's default
}

// Payers returns the payer of an account ([payment.Charge.Account]). The zero Payer, with no error, means that the account
// has no payment method: the charge is declined with [payment.NoPaymentMethod]. An error leaves the charge's outcome
// unknown. Payers must be safe for concurrent use, and is called before a charge is made, never for a look-up or a refund.
type Payers func(ctx context.Context, account string) (Payer, error)

// Options are what a [Gateway] can do without. The zero value and nil select the defaults.
type Options struct {
	// Keys makes look-ups certain and the retention unlimited, see [Keys]. Without it, the gateway relies on the
	// provider's search, which lags, and its keys, which are forgotten after 24 hours.
	Keys Keys

	// ReturnURL is where the issuer's page sends a payer's browser after a payment was confirmed there. With it, a payment
	// that needs the payer has an action of the kind [payment.ActionRedirect]; without it, [payment.ActionSecret], for the
	// provider's own code in the browser. It has no effect on what is charged. The provider appends the payment's client
	// secret to its query: keep that out of logs and of what the page links to.
	ReturnURL string

	// URL is the address of the API, for tests. The default is the provider's.
	URL string

	// HTTP makes the requests. The default has a timeout of 80 seconds.
	HTTP *http.Client
}

// Gateway collects from cards through Stripe. It implements [payment.Gateway] and [payment.Canceler], and is safe for
// concurrent use. Create it with [New].
//
// Errors have the provider's status, codes and request ID in their text, and never a secret.
type Gateway struct {
	api       *stripego.Client
	payers    Payers
	keys      Keys
	certain   bool // keys is the host's
	returnURL string
}

var (
	_ payment.Gateway  = (*Gateway)(nil)
	_ payment.Canceler = (*Gateway)(nil)
)

// New returns a gateway that uses the secret API key and charges whom payers names. o may be nil. It fails with
// [payment.ErrInvalid] without a key or payers.
func New(key string, payers Payers, o *Options) (*Gateway, error) {
	if key == "" || payers == nil {
		return nil, fmt.Errorf("%w: a Stripe gateway needs an API key and payers", payment.ErrInvalid)
	}
	if o == nil {
		o = new(Options)
	}
	g := &Gateway{api: client(key, o), payers: payers, keys: o.Keys, certain: o.Keys != nil, returnURL: o.ReturnURL}
	if !g.certain {
		g.keys = &recent{}
	}
	return g, nil
}

func client(key string, o *Options) *stripego.Client {
	config := &stripego.BackendConfig{
		// A request is repeated by this package or its caller, who know under which key.
		MaxNetworkRetries: new(int64(0)),
		EnableTelemetry:   new(false),
		// What the client would log has secrets.
		LeveledLogger: &stripego.LeveledLogger{Level: stripego.LevelNull},
		HTTPClient:    o.HTTP,
	}
	if config.HTTPClient == nil {
		config.HTTPClient = &http.Client{Timeout: 80 * time.Second}
	}
	if o.URL != "" {
		config.URL = new(o.URL)
	}
	return stripego.NewClient(key, stripego.WithBackends(stripego.NewBackendsWithConfig(config)))
}

// keyLife is how long the provider remembers an idempotency key at least.
const keyLife = 24 * time.Hour

// Retention implements [payment.Gateway]: 0, forever, with Options.Keys, and 24 hours without.
func (g *Gateway) Retention() time.Duration {
	if g.certain {
		return 0
	}
	return keyLife
}

// Lookup implements [payment.Gateway]. It may cancel a payment that failed, so that nobody can pay it any more, before it
// answers that it is declined. Without Options.Keys, a charge that another process made in the last minutes may be
// NotFound, because the provider's search lags.
func (g *Gateway) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	pi, err := g.find(ctx, key)
	if err != nil {
		return payment.Result{}, err
	}
	if pi == nil || untried(pi) {
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	return g.result(ctx, key, pi)
}
