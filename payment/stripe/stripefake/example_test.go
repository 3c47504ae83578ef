package stripefake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
	"github.com/prepaidkit/prepaid/pricing"
)

// till is a gateway over a fake provider, whose payer has one card.
type till struct {
	*stripe.Gateway

	provider         *stripefake.Fake
	customer, method string
}

func open(c stripefake.Card) till {
	t := till{provider: stripefake.New(nil)}
	t.customer, t.method = t.provider.AddCustomer(c)
	payers := func(context.Context, string) (stripe.Payer, error) { return stripe.Payer{Customer: t.customer}, nil }
	var err error
	if t.Gateway, err = stripe.New("sk_test_…", payers, &stripe.Options{URL: t.provider.URL()}); err != nil {
		panic(err)
	}
	return t
}

// charge charges 10.00 USD to a present payer.
func (t till) charge(key string) payment.Result {
	amount, err := pricing.FromMinor(1000, "USD")
	if err != nil {
		panic(err)
	}
	r, err := t.Charge(context.Background(), payment.Charge{Key: key, Account: "acme", Amount: amount, Present: true})
	if err != nil {
		return payment.Result{Status: "unknown"}
	}
	return r
}

func (t till) status(key string) payment.Status {
	r, err := t.Lookup(context.Background(), key)
	if err != nil {
		return "unknown"
	}
	return r.Status
}

func (t till) intent(key string) string { return t.provider.Intent("prepaid_key", key) }

func Example() {
	t := open(stripefake.Insufficient)
	defer t.provider.Close()
	fmt.Println(t.charge("order-1").Reason)
	err := t.provider.SetCard(t.method, stripefake.Good)
	fmt.Println(err, t.charge("order-2").Status, t.provider.Collected(t.customer, "usd"))
	// Output:
	// insufficient_balance
	// <nil> succeeded 1000
}

func ExampleNew() {
	provider := stripefake.New(&stripefake.Options{SearchLag: time.Hour, Least: map[string]int64{"usd": 50}})
	defer provider.Close()
	fmt.Println(strings.HasPrefix(provider.URL(), "http://127.0.0.1:"))
	// Output: true
}

// Requests can fail in every way.
func ExampleFake_SetFaults() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.provider.SetFaults(func(_, path string) stripefake.Fault {
		if strings.HasSuffix(path, "/confirm") {
			return stripefake.Lost
		}
		return stripefake.None
	})
	fmt.Println(t.charge("order-1").Status, t.provider.Collected(t.customer, "usd"))
	t.provider.SetFaults(nil)
	fmt.Println(t.charge("order-1").Status, t.provider.Collected(t.customer, "usd"))
	// Output:
	// unknown 1000
	// succeeded 1000
}

// Two days later the provider has forgotten its idempotency keys.
func ExampleFake_Advance() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.charge("order-1")
	before := t.provider.Now()
	t.provider.Advance(48 * time.Hour)
	fmt.Println(t.provider.Now().Sub(before) >= 48*time.Hour, t.charge("order-1").Status, t.provider.Collected(t.customer, "usd"))
	// Output: true succeeded 1000
}

func ExampleFake_Authenticate() {
	t := open(stripefake.NeedsPayer)
	defer t.provider.Close()
	fmt.Println(t.charge("order-1").Status)
	err := t.provider.Authenticate(t.intent("order-1"), true)
	fmt.Println(t.status("order-1"), err)
	// Output:
	// pending
	// succeeded <nil>
}

func ExampleFake_Settle() {
	t := open(stripefake.Slow)
	defer t.provider.Close()
	fmt.Println(t.charge("order-1").Status)
	err := t.provider.Settle(t.intent("order-1"), true)
	fmt.Println(t.status("order-1"), err)
	// Output:
	// pending
	// succeeded <nil>
}

// A charge that was declined is canceled, so the payer's page can't pay it.
func ExampleFake_Pay() {
	t := open(stripefake.Expired)
	defer t.provider.Close()
	t.charge("order-1")
	err := t.provider.Pay(t.intent("order-1"), stripefake.Good)
	fmt.Println(t.provider.Status(t.intent("order-1")), errors.Is(err, stripefake.ErrState))
	// Output: canceled true
}

func ExampleFake_Copy() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.charge("order-1")
	again := t.provider.Copy(t.intent("order-1"))
	fmt.Println(t.provider.Status(again), t.provider.Copy("pi_unknown") == "")
	// Output: requires_payment_method true
}

// A bank that refunds fails days later.
func ExampleFake_FailRefund() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	r := payment.Refund{Key: "order-1/refund", Charge: "order-1", Account: "acme", Amount: t.charge("order-1").Amount}
	made, err := t.Refund(context.Background(), r)
	fmt.Println(made.Status, err)
	err = t.provider.FailRefund(t.provider.Refunds(t.intent("order-1"))[0])
	fmt.Println(err, t.provider.Collected(t.customer, "usd"))
	// Output:
	// succeeded <nil>
	// <nil> 1000
}

func ExampleFake_RefundElsewhere() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.charge("order-1")
	_, err := t.provider.RefundElsewhere(t.intent("order-1"), 400)
	fmt.Println(t.provider.Collected(t.customer, "usd"), err)
	// Output: 600 <nil>
}

// Notifications are sent when the test says so, until somebody takes them.
func ExampleFake_Deliver() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	answer := http.StatusInternalServerError
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(answer) }))
	defer host.Close()
	t.provider.SendTo(host.URL, "whsec_…")
	t.charge("order-1")
	for range 3 {
		sent, err := t.provider.Deliver(context.Background())
		fmt.Println(len(sent), err)
		answer = http.StatusNoContent
	}
	// Output:
	// 2 <nil>
	// 2 <nil>
	// 0 <nil>
}

// Notifications that were taken can come again.
func ExampleFake_Redeliver() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer host.Close()
	t.provider.SendTo(host.URL, "whsec_…")
	t.charge("order-1")
	_, err := t.provider.Deliver(context.Background())
	fmt.Println(err)
	again, err := t.provider.Redeliver(context.Background())
	fmt.Println(again[1].Type, again[1].Status, err)
	// Output:
	// <nil>
	// payment_intent.succeeded 204 <nil>
}

// What is sent has the signature that a host checks.
func ExampleFake_SendTo() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		at, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Stripe-Signature"), "t="), ",")
		seconds, _ := strconv.ParseInt(at, 10, 64)
		signed := r.Header.Get("Stripe-Signature") == stripefake.Sign(body, "whsec_1", time.Unix(seconds, 0))
		fmt.Println(signed, err)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer host.Close()
	t.charge("order-1")
	t.provider.SendTo(host.URL, "whsec_1") // what happened before is sent too
	sent, err := t.provider.Deliver(context.Background())
	fmt.Println(len(sent), err)
	// Output:
	// true <nil>
	// true <nil>
	// 2 <nil>
}

func ExampleFake_Dispute() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.charge("order-1")
	inquiry, err := t.provider.Dispute(t.intent("order-1"), true)
	fmt.Println(strings.HasPrefix(inquiry, "dp_"), err)
	_, err = t.provider.Dispute("pi_unknown", false)
	fmt.Println(errors.Is(err, stripefake.ErrUnknown))
	// Output:
	// true <nil>
	// true
}

// The payer's bank decides a dispute once.
func ExampleFake_CloseDispute() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.charge("order-1")
	id, err := t.provider.Dispute(t.intent("order-1"), false)
	fmt.Println(err, t.provider.CloseDispute(id, true))
	fmt.Println(errors.Is(t.provider.CloseDispute(id, false), stripefake.ErrState))
	// Output:
	// <nil> <nil>
	// true
}

// A customer with a card, who has paid nothing yet.
func ExampleFake_AddCustomer() {
	provider := stripefake.New(nil)
	defer provider.Close()
	customer, method := provider.AddCustomer(stripefake.Good)
	fmt.Println(strings.HasPrefix(customer, "cus_"), strings.HasPrefix(method, "pm_"), provider.Collected(customer, "usd"))
	// Output: true true 0
}

// The payer's bank blocks the card, and a new one works.
func ExampleFake_SetCard() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	for i, card := range []stripefake.Card{stripefake.Expired, stripefake.Good} {
		err := t.provider.SetCard(t.method, card)
		fmt.Println(t.charge(fmt.Sprint("order-", i)).Status, err)
	}
	// Output:
	// declined <nil>
	// succeeded <nil>
}

// What a test compares with its own books.
func ExampleFake_Collected() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.charge("order-1")
	t.charge("order-1") // the same key is the same payment
	t.charge("order-2")
	fmt.Println(t.provider.Collected(t.customer, "usd"), t.provider.Collected(t.customer, "eur"))
	// Output: 2000 0
}

// A person finds a payment by the key of its order.
func ExampleFake_Intent() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.charge("order-1")
	id := t.provider.Intent("prepaid_key", "order-1")
	fmt.Println(strings.HasPrefix(id, "pi_"), t.provider.Status(id))
	fmt.Println(t.provider.Intent("prepaid_key", "order-2") == "")
	// Output:
	// true succeeded
	// true
}

func ExampleFake_Status() {
	t := open(stripefake.NeedsPayer)
	defer t.provider.Close()
	t.charge("order-1")
	fmt.Println(t.provider.Status(t.intent("order-1")), t.provider.Status("pi_unknown") == "")
	// Output: requires_action true
}

func ExampleFake_Refunds() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.charge("order-1")
	for _, amount := range []int64{400, 300} {
		_, err := t.provider.RefundElsewhere(t.intent("order-1"), amount)
		fmt.Println(len(t.provider.Refunds(t.intent("order-1"))), err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
}

// A provider that can't be reached: nobody knows the outcome.
func ExampleFake_Close() {
	t := open(stripefake.Good)
	fmt.Println(t.charge("order-1").Status)
	t.provider.Close()
	fmt.Println(t.status("order-1"))
	// Output:
	// succeeded
	// unknown
}

func ExampleFake_CompleteSetup() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	id, secret, err := t.BeginSetup(context.Background(), t.customer)
	fmt.Println(err, t.provider.CompleteSetup(secret.Value, stripefake.Good))
	m, err := t.FinishSetup(context.Background(), t.customer, id)
	fmt.Println(m.Last4, err)
	// Output:
	// <nil> <nil>
	// 4242 <nil>
}

func ExampleSign() {
	fmt.Println(stripefake.Sign([]byte("{}"), "whsec_1", time.Unix(1700000000, 0))[:15])
	// Output: t=1700000000,v1
}
