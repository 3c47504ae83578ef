package stripe_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// ok ends an example that fails.
func ok(errs ...error) {
	if err := errors.Join(errs...); err != nil {
		panic(err)
	}
}

// usd is an amount in cents.
func usd(cents int64) pricing.Money {
	m, err := pricing.FromMinor(cents, "USD")
	ok(err)
	return m
}

// A service charges a card and hears of a chargeback. The fake provider stands for the real one: leave Options.URL out, use
// a secret key of your account, and let the provider send its notifications to where the webhook is served.
func Example() {
	ctx := context.Background()
	provider := stripefake.New(nil)
	defer provider.Close()
	customer, _ := provider.AddCustomer(stripefake.Good)
	payers := func(_ context.Context, account string) (stripe.Payer, error) {
		return map[string]stripe.Payer{"acme": {Customer: customer}}[account], nil // in life, a table of yours
	}
	store := memory.New()
	gateway, err := stripe.New("sk_test_…", payers, &stripe.Options{URL: provider.URL(), Keys: store})
	ok(err)
	catalog, err := pricing.ParseCatalog(strings.NewReader(prices))
	ok(err)
	billing, err := subscription.NewService(store, gateway, subscription.StaticCatalog(catalog), nil)
	ok(err)
	webhook, err := gateway.Webhook(billing, []string{"whsec_…"}, nil)
	ok(err)
	server := httptest.NewServer(webhook)
	defer server.Close()
	provider.SendTo(server.URL, "whsec_…")

	_, err = billing.Do(ctx, "chat", subscription.Create{Account: "acme"}, "create-1")
	ok(err)
	bought, err := billing.Do(ctx, "chat",
		subscription.Purchase{Product: "call", Version: "basic", Term: pricing.Months(1), Currency: "USD"}, "buy-1")
	ok(err)
	fmt.Println(bought.Order.Amount, bought.Order.Status)

	_, err = provider.Dispute(provider.Intent("prepaid_order", string(bought.Order.ID)), false)
	ok(err)
	_, err = provider.Deliver(ctx)
	ok(err)
	o, err := billing.Order(ctx, "chat", bought.Order.ID)
	ok(err)
	fmt.Println(o.Status, "and given back:", o.RefundedAmount)
	// Output:
	// 10.00 USD paid
	// paid and given back: 10.00 USD
}

// desk is a gateway over a fake provider, for the examples.
func desk(c stripefake.Card) (*stripefake.Fake, *stripe.Gateway) {
	provider := stripefake.New(nil)
	customer, _ := provider.AddCustomer(c)
	gateway, err := stripe.New("sk_test_…", func(context.Context, string) (stripe.Payer, error) {
		return stripe.Payer{Customer: customer}, nil
	}, &stripe.Options{URL: provider.URL()})
	ok(err)
	return provider, gateway
}

// A lost answer is no decline. The same key tells what happened.
func ExampleGateway_Charge() {
	ctx := context.Background()
	provider, gateway := desk(stripefake.Good)
	defer provider.Close()
	c := payment.Charge{Key: "order-1", Account: "acme", Amount: usd(1999)}
	provider.SetFaults(func(string, string) stripefake.Fault { return stripefake.Lost })
	_, err := gateway.Charge(ctx, c)
	fmt.Println("an answer:", err == nil)
	provider.SetFaults(nil)
	r, err := gateway.Charge(ctx, c)
	fmt.Println(r.Status, r.Amount, err)
	// Output:
	// an answer: false
	// succeeded 19.99 USD <nil>
}

func ExampleGateway_Lookup() {
	ctx := context.Background()
	provider, gateway := desk(stripefake.Expired)
	defer provider.Close()
	_, err := gateway.Charge(ctx, payment.Charge{Key: "order-1", Account: "acme", Amount: usd(1999)})
	ok(err)
	r, err := gateway.Lookup(ctx, "order-1")
	fmt.Println(r.Status, r.Reason, r.Reason.Hard(), err)
	// Output: declined expired_method true <nil>
}

// A payment that the issuer wants confirmed is given up.
func ExampleGateway_Cancel() {
	ctx := context.Background()
	provider, gateway := desk(stripefake.NeedsPayer)
	defer provider.Close()
	r, err := gateway.Charge(ctx, payment.Charge{Key: "order-1", Account: "acme", Amount: usd(1999), Present: true})
	fmt.Println(r.Status, r.Action, err)
	r, err = gateway.Cancel(ctx, "order-1")
	fmt.Println(r.Status, r.Reason, err)
	// Output:
	// pending client_secret (hidden) <nil>
	// declined canceled <nil>
}

func ExampleGateway_Refund() {
	ctx := context.Background()
	provider, gateway := desk(stripefake.Good)
	defer provider.Close()
	_, err := gateway.Charge(ctx, payment.Charge{Key: "order-1", Account: "acme", Amount: usd(1999)})
	ok(err)
	r, err := gateway.Refund(ctx, payment.Refund{Key: "order-1/refund", Charge: "order-1", Account: "acme", Amount: usd(500)})
	fmt.Println(r.Status, r.Amount, err)
	r, err = gateway.Refund(ctx, payment.Refund{Key: "order-1/refund/2", Charge: "order-1", Account: "acme", Amount: usd(1500)})
	fmt.Println(r.Status, r.Reason, err)
	// Output:
	// succeeded 5.00 USD <nil>
	// declined exceeds_charge <nil>
}

func ExampleGateway_Retention() {
	provider, gateway := desk(stripefake.Good)
	defer provider.Close()
	certain, err := stripe.New("sk_test_…", func(context.Context, string) (stripe.Payer, error) { return stripe.Payer{}, nil },
		&stripe.Options{Keys: memory.New()})
	ok(err)
	fmt.Println(gateway.Retention(), certain.Retention())
	// Output: 24h0m0s 0s
}

func ExampleNew() {
	_, err := stripe.New("", nil, nil)
	fmt.Println(err)
	// Output: payment: invalid: a Stripe gateway needs an API key and payers
}

// Without a signature a notification would be free money.
func ExampleGateway_Webhook() {
	ctx := context.Background()
	provider, gateway := desk(stripefake.Good)
	defer provider.Close()
	billing, err := subscription.NewService(memory.New(), gateway, subscription.StaticCatalog(nil), nil)
	ok(err)
	webhook, err := gateway.Webhook(billing, []string{"whsec_old", "whsec_new"}, nil)
	ok(err)
	body := `{"object": "event", "type": "invoice.paid", "data": {"object": {"id": "in_1"}}}`
	for _, signature := range []string{"", stripefake.Sign([]byte(body), "whsec_new", time.Now())} {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/stripe", strings.NewReader(body))
		r.Header.Set("Stripe-Signature", signature)
		w := httptest.NewRecorder()
		webhook.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// 400
	// 204
}

func ExampleAmount() {
	for _, text := range []string{"12.34 USD", "5 JPY", "5 ISK", "3000.00 MGA", "1.230 KWD", "1.234 KWD"} {
		var m pricing.Money
		ok(m.UnmarshalText([]byte(text)))
		units, err := stripe.Amount(m)
		fmt.Println(m, units, err)
	}
	// Output:
	// 12.34 USD 1234 <nil>
	// 5 JPY 5 <nil>
	// 5 ISK 500 <nil>
	// 3000.00 MGA 3000 <nil>
	// 1.230 KWD 1230 <nil>
	// 1.234 KWD 0 payment: invalid: the last digit of an amount in KWD must be 0 for Stripe: 1.234 KWD
}

func ExampleGateway_CreateCustomer() {
	ctx := context.Background()
	provider, gateway := desk(stripefake.Good)
	defer provider.Close()
	first, err := gateway.CreateCustomer(ctx, "acme")
	ok(err)
	again, err := gateway.CreateCustomer(ctx, "acme")
	ok(err)
	fmt.Println(strings.HasPrefix(first, "cus_"), again == first)
	// Output: true true
}

// The page needs the secret and a publishable key; the host needs the ID.
func ExampleGateway_BeginSetup() {
	ctx := context.Background()
	provider, gateway := desk(stripefake.Good)
	defer provider.Close()
	customer, err := gateway.CreateCustomer(ctx, "acme")
	ok(err)
	_, secret, err := gateway.BeginSetup(ctx, customer)
	ok(err)
	fmt.Println(secret)
	// Output: client_secret (hidden)
}

// Once the payer has entered a card on the host's page, it pays for what follows.
func ExampleGateway_FinishSetup() {
	ctx := context.Background()
	provider, gateway := desk(stripefake.Good)
	defer provider.Close()
	customer, err := gateway.CreateCustomer(ctx, "acme")
	ok(err)
	id, secret, err := gateway.BeginSetup(ctx, customer)
	ok(err)
	_, err = gateway.FinishSetup(ctx, customer, id)
	fmt.Println(errors.Is(err, stripe.ErrNotSetUp))
	ok(provider.CompleteSetup(secret.Value, stripefake.Good)) // what the payer does
	m, err := gateway.FinishSetup(ctx, customer, id)
	fmt.Println(m.Brand, m.Last4, err)
	_, err = gateway.FinishSetup(ctx, "cus_another", id)
	fmt.Println(errors.Is(err, payment.ErrInvalid))
	// Output:
	// true
	// visa 4242 <nil>
	// true
}

func ExampleGateway_Attach() {
	ctx := context.Background()
	provider, gateway := desk(stripefake.Good)
	defer provider.Close()
	customer, err := gateway.CreateCustomer(ctx, "acme")
	ok(err)
	m, err := gateway.Attach(ctx, customer, "pm_card_visa")
	fmt.Println(m.Brand, m.Last4, err)
	// Output: visa 4242 <nil>
}
