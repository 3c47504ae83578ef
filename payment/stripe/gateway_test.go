package stripe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
	"github.com/prepaidkit/prepaid/pricing"
)

func amount(t *testing.T, s string) pricing.Money {
	t.Helper()
	var m pricing.Money
	if err := m.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return m
}

// order is a charge of 10.00 USD to the account "acme".
func order(t *testing.T, key string) payment.Charge {
	t.Helper()
	return payment.Charge{Key: key, Account: "acme", Amount: amount(t, "10.00 USD"), Order: "order-1"}
}

// told checks an answer's status and reason.
func told(t *testing.T, r payment.Result, err error, status payment.Status, reason payment.Reason) {
	t.Helper()
	if err != nil || r.Status != status || r.Reason != reason || r.Validate() != nil {
		t.Fatalf("answered %s %q, error %v (%v); want %s %q", r.Status, r.Reason, err, r.Validate(), status, reason)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// only returns faults that meet requests whose path ends so.
func only(method, suffix string, fault stripefake.Fault) func(string, string) stripefake.Fault {
	return func(m, path string) stripefake.Fault {
		if m == method && strings.HasSuffix(path, suffix) {
			return fault
		}
		return stripefake.None
	}
}

// What issuers say becomes a reason, hard or soft; what nobody knows is soft. A new key can be paid afterward.
// Rule: card-declines-are-final.
func TestReasons(t *testing.T) {
	for code, want := range map[stripefake.Card]payment.Reason{
		stripefake.Insufficient: payment.InsufficientBalance, "card_velocity_exceeded": payment.InsufficientBalance,
		stripefake.Expired: payment.ExpiredMethod, stripefake.Stolen: payment.LostOrStolen, "lost_card": payment.LostOrStolen,
		"pickup_card": payment.LostOrStolen, stripefake.Fraudulent: payment.Suspected, "merchant_blacklist": payment.Suspected,
		"restricted_card": payment.Suspected, "do_not_try_again": payment.NoPaymentMethod,
		"revocation_of_authorization": payment.NoPaymentMethod, "stop_payment_order": payment.NoPaymentMethod,
		stripefake.Unavailing: payment.TryLater, "processing_error": payment.TryLater, stripefake.Generic: payment.Other,
		"do_not_honor": payment.Other, "a_code_of_tomorrow": payment.Other, stripefake.NeedsPayer: payment.NeedsAuthentication,
	} {
		w := open(t, nil)
		must(t, w.card("acme", code))
		r, err := w.gateway.Charge(t.Context(), order(t, "k"))
		told(t, r, err, payment.Declined, want)
		if status := w.fake.Status(w.intent("k")); status != "canceled" {
			t.Errorf("%s: declined, and the intent is %s", code, status)
		}
		must(t, w.card("acme", stripefake.Good))
		r, err = w.gateway.Charge(t.Context(), order(t, "k"))
		told(t, r, err, payment.Declined, want)
		r, err = w.gateway.Charge(t.Context(), order(t, "k2"))
		told(t, r, err, payment.Succeeded, "")
	}
}

// Failures that the issuer has no code for are hard or soft too.
// Rule: card-declines-are-final.
func TestReasonsWithoutAnIssuersCode(t *testing.T) {
	for code, want := range map[string]payment.Reason{
		"authentication_required": payment.NeedsAuthentication, "payment_intent_authentication_failure": payment.NeedsAuthentication,
		"expired_card": payment.ExpiredMethod, "invalid_expiry_year": payment.ExpiredMethod,
		"insufficient_funds": payment.InsufficientBalance, "incorrect_number": payment.NoPaymentMethod,
		"processing_error": payment.TryLater, "card_decline_rate_limit_exceeded": payment.TryLater,
		"payment_method_provider_timeout": payment.TryLater, "payment_method_not_available": payment.TryLater,
		"card_declined": payment.Other, "a_code_of_tomorrow": payment.Other,
	} {
		if got := stripe.ReasonOf(code); got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
}

// A card that would be good at the second try isn't charged under a key that was declined.
// Rule: card-declines-are-final.
func TestInsufficientOnce(t *testing.T) {
	w := open(t, options(true))
	must(t, w.card("acme", stripefake.InsufficientOnce))
	for range 2 {
		r, err := w.gateway.Charge(t.Context(), order(t, "k"))
		told(t, r, err, payment.Declined, payment.InsufficientBalance)
	}
	if got := w.fake.Collected(w.payers["acme"].Customer, "usd"); got != 0 {
		t.Errorf("%d was collected", got)
	}
}

// While a failed payment can't be canceled, somebody may still pay it: the charge is pending. What is paid then is a
// success, and what isn't is declined for the first reason.
// Rule: card-declines-are-final.
func TestDeclineWaitsForTheCancellation(t *testing.T) {
	for name, paid := range map[string]bool{"it is paid after all": true, "it is canceled later": false} {
		t.Run(name, func(t *testing.T) {
			w := open(t, nil)
			must(t, w.card("acme", stripefake.Insufficient))
			w.fake.SetFaults(only("POST", "/cancel", stripefake.Unavailable))
			c := order(t, "k")
			for range 2 {
				r, err := w.gateway.Charge(t.Context(), c)
				told(t, r, err, payment.Pending, "")
			}
			r, err := w.gateway.Lookup(t.Context(), c.Key)
			told(t, r, err, payment.Pending, "")
			if paid {
				must(t, w.fake.Pay(w.intent(c.Key), stripefake.Good))
			}
			w.fake.SetFaults(nil)
			r, err = w.gateway.Lookup(t.Context(), c.Key)
			if paid {
				told(t, r, err, payment.Succeeded, "")
				return
			}
			told(t, r, err, payment.Declined, payment.InsufficientBalance)
			if err := w.fake.Pay(w.intent(c.Key), stripefake.Good); !errors.Is(err, stripefake.ErrState) {
				t.Errorf("paying a declined charge: %v", err)
			}
		})
	}
}

// A process that died between creating a payment and confirming it leaves a charge that isn't there yet, which the next
// one makes.
// Rule: card-key-once.
func TestUnconfirmedIsNoCharge(t *testing.T) {
	for _, table := range []bool{false, true} {
		w := open(t, options(table))
		must(t, w.card("acme", stripefake.Good))
		w.fake.SetFaults(only("POST", "/confirm", stripefake.Cut))
		c := order(t, "k")
		if _, err := w.gateway.Charge(t.Context(), c); err == nil {
			t.Fatal("a broken connection is no answer")
		}
		w.fake.SetFaults(nil)
		r, err := w.gateway.Lookup(t.Context(), c.Key)
		told(t, r, err, payment.NotFound, "")
		r, err = w.gateway.Charge(t.Context(), c)
		told(t, r, err, payment.Succeeded, "")
	}
}

// Another process, without this one's memory, finds a charge: by the provider's key within a day, by the search later, and
// at once with a table.
// Rule: card-key-once.
func TestAnotherProcess(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Hour, 25 * time.Hour, 400 * 24 * time.Hour} {
		for _, o := range []*stripe.Options{nil, options(true)} {
			w := open(t, o)
			must(t, w.card("acme", stripefake.Good))
			c := order(t, "k")
			first, err := w.gateway.Charge(t.Context(), c)
			told(t, first, err, payment.Succeeded, "")
			w.fake.Advance(wait)
			if wait > 0 || o != nil {
				r, err := w.another(t, o).Lookup(t.Context(), c.Key)
				told(t, r, err, payment.Succeeded, "")
			} else {
				r, err := w.another(t, o).Lookup(t.Context(), c.Key)
				told(t, r, err, payment.NotFound, "") // the search lags
			}
			r, err := w.another(t, o).Charge(t.Context(), c)
			if err != nil || r != first {
				t.Errorf("after %v: %+v, error %v; want %+v", wait, r, err, first)
			}
			if got := w.fake.Collected(w.payers["acme"].Customer, "usd"); got != 1000 {
				t.Errorf("after %v, %d was collected", wait, got)
			}
		}
	}
}

// The provider repeats an HTTP 500 under its key for a day. With a table the charge is made all the same, once; without
// one it stays unknown until the key is forgotten, or the search knows better.
// Rule: card-key-once.
func TestFailureThatIsRepeated(t *testing.T) {
	for _, fault := range []stripefake.Fault{stripefake.Broken, stripefake.BrokenLate} {
		for _, table := range []bool{false, true} {
			w := open(t, options(table))
			must(t, w.card("acme", stripefake.Good))
			w.fake.SetFaults(only("POST", "/payment_intents", fault))
			c := order(t, "k")
			if _, err := w.gateway.Charge(t.Context(), c); err == nil {
				t.Fatal("an HTTP 500 is no answer")
			}
			w.fake.SetFaults(nil)
			r, err := w.gateway.Charge(t.Context(), c)
			if !table {
				if err == nil {
					t.Fatalf("%s: %+v while the provider repeats its failure", fault, r)
				}
				w.fake.Advance(25 * time.Hour)
				r, err = w.gateway.Charge(t.Context(), c)
			}
			told(t, r, err, payment.Succeeded, "")
			w.fake.Advance(400 * 24 * time.Hour)
			again, err := w.gateway.Charge(t.Context(), c)
			if err != nil || again != r {
				t.Errorf("%s, table %t: again %+v, error %v; want %+v", fault, table, again, err, r)
			}
			if got := w.fake.Collected(w.payers["acme"].Customer, "usd"); got != 1000 {
				t.Errorf("%s, table %t: %d was collected", fault, table, got)
			}
		}
	}
}

// A table that was put back to a backup lacks the key; the search knows it. Of two payments for it, the one that was made
// counts.
// Rule: card-key-once.
func TestRestoredTable(t *testing.T) {
	w := open(t, options(true))
	must(t, w.card("acme", stripefake.Good))
	w.fake.SetFaults(only("POST", "/payment_intents", stripefake.BrokenLate)) // it leaves an unconfirmed intent
	c := order(t, "k")
	_, err := w.gateway.Charge(t.Context(), c)
	if err == nil {
		t.Fatal("an HTTP 500 is no answer")
	}
	w.fake.SetFaults(nil)
	first, err := w.gateway.Charge(t.Context(), c)
	told(t, first, err, payment.Succeeded, "")
	w.fake.Advance(48 * time.Hour)
	r, err := w.another(t, options(true)).Charge(t.Context(), c)
	if err != nil || r != first {
		t.Errorf("%+v, error %v; want %+v", r, err, first)
	}
}

// A customer that changes between two tries of a key is no other content, though the provider says so.
// Rule: card-key-once.
func TestCustomerChangesBetweenTries(t *testing.T) {
	for _, table := range []bool{false, true} {
		w := open(t, options(table))
		must(t, w.card("acme", stripefake.Good))
		w.fake.SetFaults(func(method, path string) stripefake.Fault {
			if method == "POST" && strings.HasSuffix(path, "/payment_intents") {
				return stripefake.Lost
			}
			return stripefake.None
		})
		c := order(t, "k")
		if _, err := w.gateway.Charge(t.Context(), c); err == nil {
			t.Fatal("a lost answer is no answer")
		}
		w.fake.SetFaults(nil)
		customer, method := w.fake.AddCustomer(stripefake.Good)
		w.payers["acme"] = stripe.Payer{Customer: customer, PaymentMethod: method}
		r, err := w.gateway.Charge(t.Context(), c)
		if !table {
			if err == nil || errors.Is(err, payment.ErrKeyConflict) {
				t.Fatalf("%+v, error %v; want an unknown outcome until the search knows the payment", r, err)
			}
			w.fake.Advance(time.Hour)
			r, err = w.gateway.Charge(t.Context(), c)
		}
		told(t, r, err, payment.Succeeded, "")
		if got := w.fake.Collected(customer, "usd"); got != 1000 {
			t.Errorf("table %t: %d was collected from the customer of now", table, got)
		}
	}
}

// Without a customer, a default, or the payment method that the host names, a charge is declined for that; the customer's
// default pays if the host names none.
func TestPayers(t *testing.T) {
	w := open(t, nil)
	good, _ := w.fake.AddCustomer(stripefake.Good)
	_, foreign := w.fake.AddCustomer(stripefake.Good)
	for name, tt := range map[string]struct {
		payer  stripe.Payer
		status payment.Status
		reason payment.Reason
	}{
		"default":         {stripe.Payer{Customer: good}, payment.Succeeded, ""},
		"none":            {stripe.Payer{}, payment.Declined, payment.NoPaymentMethod},
		"gone":            {stripe.Payer{Customer: "cus_gone"}, payment.Declined, payment.NoPaymentMethod},
		"gone method":     {stripe.Payer{Customer: good, PaymentMethod: "pm_gone"}, payment.Declined, payment.NoPaymentMethod},
		"another's":       {stripe.Payer{Customer: good, PaymentMethod: foreign}, payment.Declined, payment.NoPaymentMethod},
		"a method of one": {stripe.Payer{PaymentMethod: foreign}, payment.Declined, payment.NoPaymentMethod},
		"both gone":       {stripe.Payer{Customer: "cus_gone", PaymentMethod: "pm_gone"}, payment.Declined, payment.NoPaymentMethod},
	} {
		w.payers["acme"] = tt.payer
		r, err := w.gateway.Charge(t.Context(), order(t, name))
		if err != nil || r.Status != tt.status || r.Reason != tt.reason {
			t.Errorf("%s: %s %s, error %v", name, r.Status, r.Reason, err)
		}
	}
	w.payers["acme"] = stripe.Payer{Customer: good}
	w.fake.Advance(time.Hour)
	for _, name := range []string{"both gone", "none"} {
		r, err := w.another(t, nil).Charge(t.Context(), order(t, name)) // another process, with a payer by now
		told(t, r, err, payment.Declined, payment.NoPaymentMethod)
	}
	failing := errors.New("no database")
	g, err := stripe.New("sk", func(context.Context, string) (stripe.Payer, error) { return stripe.Payer{}, failing },
		&stripe.Options{URL: w.fake.URL()})
	must(t, err)
	if _, err := g.Charge(t.Context(), order(t, "failing")); !errors.Is(err, failing) {
		t.Errorf("error %v, want the payers' own", err)
	}
}

// A payment method that the provider can't charge, such as a bank account or one for another currency, is no payment method: the
// charge is declined, and the next one can have another method.
// Rule: card-declines-are-final.
func TestMethodsThatAreNoCards(t *testing.T) {
	for _, code := range []string{
		"payment_intent_incompatible_payment_method", "payment_method_currency_mismatch", "payment_method_unsupported_type",
		"payment_method_unexpected_state", "payment_method_unactivated",
	} {
		w := open(t, &stripe.Options{HTTP: &http.Client{Transport: answering{"/confirm",
			fmt.Sprintf(`{"error": {"type": "invalid_request_error", "code": %q, "message": "no"}}`, code), http.StatusBadRequest}}})
		must(t, w.card("acme", stripefake.Good))
		for range 2 {
			r, err := w.gateway.Charge(t.Context(), order(t, "k"))
			told(t, r, err, payment.Declined, payment.NoPaymentMethod)
		}
	}
}

// A payment that the payer's bank works on is pending, without an action, until it is settled. It can't be canceled.
func TestSlowPayment(t *testing.T) {
	for name, paid := range map[string]bool{"paid": true, "declined": false} {
		w := open(t, nil)
		must(t, w.card("acme", stripefake.Slow))
		c := order(t, "k")
		r, err := w.gateway.Charge(t.Context(), c)
		told(t, r, err, payment.Pending, "")
		if !r.Action.IsZero() {
			t.Errorf("an action %s", r.Action)
		}
		r, err = w.gateway.Cancel(t.Context(), c.Key)
		told(t, r, err, payment.Pending, "")
		must(t, w.fake.Settle(w.intent(c.Key), paid))
		r, err = w.gateway.Lookup(t.Context(), c.Key)
		if paid {
			told(t, r, err, payment.Succeeded, "")
		} else {
			told(t, r, err, payment.Declined, payment.Other)
		}
		t.Log(name)
	}
}

// A present payer is sent to the issuer's page if there is a way back, and else has a secret for the provider's code.
func TestActions(t *testing.T) {
	for _, o := range []*stripe.Options{nil, {ReturnURL: "https://shop.example/paid"}} {
		w := open(t, o)
		must(t, w.card("acme", stripefake.NeedsPayer))
		c := order(t, "k")
		c.Present = true
		r, err := w.gateway.Charge(t.Context(), c)
		told(t, r, err, payment.Pending, "")
		want := payment.Action{Kind: payment.ActionSecret, Value: w.intent("k") + "_secret_fake"}
		if o != nil {
			want = payment.Action{Kind: payment.ActionRedirect, Value: w.fake.URL() + "/authenticate/" + w.intent("k")}
		}
		if r.Action != want {
			t.Errorf("action %s %q, want %s %q", r.Action.Kind, r.Action.Value, want.Kind, want.Value)
		}
	}
}

// No error shows the API key, or a secret that lets its owner pay or see the payer.
// Rule: payer-actions-are-hidden.
func TestErrorsHideSecrets(t *testing.T) {
	w := open(t, nil)
	must(t, w.card("acme", stripefake.NeedsPayer))
	c := order(t, "k")
	c.Present = true
	_, err := w.gateway.Charge(t.Context(), c)
	must(t, err)
	for _, fault := range []stripefake.Fault{stripefake.Unavailable, stripefake.RateLimited, stripefake.Locked, stripefake.Cut, stripefake.Lost} {
		w.fake.SetFaults(func(string, string) stripefake.Fault { return fault })
		_, err := w.gateway.Lookup(t.Context(), c.Key)
		if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sk_test") {
			t.Errorf("%s: error %v", fault, err)
		}
	}
}

// A refund can fail after it succeeded; what it was of can be refunded again under another key.
// Rule: failed-refund-is-left-again.
func TestRefundFailsLater(t *testing.T) {
	w := open(t, nil)
	must(t, w.card("acme", stripefake.Good))
	c := order(t, "k")
	_, err := w.gateway.Charge(t.Context(), c)
	must(t, err)
	r := payment.Refund{Key: "k/refund", Charge: "k", Account: "acme", Amount: c.Amount}
	made, err := w.gateway.Refund(t.Context(), r)
	told(t, made, err, payment.Succeeded, "")
	must(t, w.fake.FailRefund(w.fake.Refunds(w.intent("k"))[0]))
	made, err = w.gateway.Refund(t.Context(), r)
	told(t, made, err, payment.Declined, payment.ExpiredMethod)
	r.Key = "k/refund/2"
	made, err = w.gateway.Refund(t.Context(), r)
	told(t, made, err, payment.Succeeded, "")
}

// A refund of a disputed charge is declined, as the provider declines it, also once the dispute is won; under another key
// it is made then.
func TestRefundOfDisputedCharge(t *testing.T) {
	w := open(t, nil)
	must(t, w.card("acme", stripefake.Good))
	c := order(t, "k")
	_, err := w.gateway.Charge(t.Context(), c)
	must(t, err)
	id, err := w.fake.Dispute(w.intent("k"), false)
	must(t, err)
	r := payment.Refund{Key: "r1", Charge: "k", Account: "acme", Amount: c.Amount}
	made, err := w.gateway.Refund(t.Context(), r)
	told(t, made, err, payment.Declined, payment.Other)
	must(t, w.fake.CloseDispute(id, true))
	made, err = w.gateway.Refund(t.Context(), r)
	told(t, made, err, payment.Declined, payment.Other)
	r.Key = "r2"
	made, err = w.gateway.Refund(t.Context(), r)
	told(t, made, err, payment.Succeeded, "")
}

// A refund's key that was declined is bound to its content in other processes too, and so is one that was refunded.
// Rule: card-key-once.
func TestRefundKeysOfAnotherProcess(t *testing.T) {
	w := open(t, nil)
	must(t, w.card("acme", stripefake.Good))
	_, err := w.gateway.Charge(t.Context(), order(t, "k"))
	must(t, err)
	w.fake.Advance(time.Hour)
	for _, tt := range []struct {
		key, first, then string
		status           payment.Status
	}{{"r1", "10.01 USD", "10.00 USD", payment.Declined}, {"r2", "4.00 USD", "5.00 USD", payment.Succeeded}} {
		r := payment.Refund{Key: tt.key, Charge: "k", Account: "acme", Amount: amount(t, tt.first)}
		first, err := w.gateway.Refund(t.Context(), r)
		if err != nil || first.Status != tt.status {
			t.Fatalf("%+v, error %v", first, err)
		}
		for _, wait := range []time.Duration{0, 25 * time.Hour} {
			w.fake.Advance(wait)
			other := r
			other.Amount = amount(t, tt.then)
			if got, err := w.another(t, nil).Refund(t.Context(), other); !errors.Is(err, payment.ErrKeyConflict) {
				t.Errorf("%s: %+v, error %v; want a conflict", tt.key, got, err)
			}
			again, err := w.another(t, nil).Refund(t.Context(), r)
			if err != nil || again != first {
				t.Errorf("%s: %+v, error %v; want %+v", tt.key, again, err, first)
			}
		}
	}
}

// A hundred refunds and more of one charge are all seen.
func TestManyRefunds(t *testing.T) {
	w := open(t, nil)
	must(t, w.card("acme", stripefake.Good))
	c := order(t, "k")
	c.Amount = amount(t, "1.30 USD")
	_, err := w.gateway.Charge(t.Context(), c)
	must(t, err)
	for range 130 {
		_, err := w.fake.RefundElsewhere(w.intent("k"), 1)
		must(t, err)
	}
	r, err := w.gateway.Refund(t.Context(), payment.Refund{Key: "r", Charge: "k", Account: "acme", Amount: amount(t, "0.01 USD")})
	told(t, r, err, payment.Declined, payment.ExceedsCharge)
}

// What the provider charges nobody is an invalid request, and nothing is declined for it.
func TestLeastCharge(t *testing.T) {
	w := &world{fake: stripefake.New(&stripefake.Options{Least: map[string]int64{"usd": 50}}), payers: map[string]stripe.Payer{}}
	t.Cleanup(w.fake.Close)
	w.gateway = w.another(t, nil)
	must(t, w.card("acme", stripefake.Good))
	for _, text := range []string{"0.49 USD", "1000000.00 USD"} {
		c := order(t, text)
		c.Amount = amount(t, text)
		if r, err := w.gateway.Charge(t.Context(), c); !errors.Is(err, payment.ErrInvalid) {
			t.Errorf("%s: %+v, error %v", text, r, err)
		}
	}
}

// A currency that the provider's account can't be charged in is an invalid request, so that the order goes to a person.
func TestCurrencyOfTheAccount(t *testing.T) {
	w := open(t, &stripe.Options{HTTP: &http.Client{Transport: answering{"/payment_intents",
		`{"error": {"type": "invalid_request_error", "param": "currency", "message": "Invalid currency: usd"}}`, http.StatusBadRequest}}})
	must(t, w.card("acme", stripefake.Good))
	if r, err := w.gateway.Charge(t.Context(), order(t, "k")); !errors.Is(err, payment.ErrInvalid) {
		t.Errorf("%+v, error %v", r, err)
	}
}

// A charge that the provider refunds no more declines its refunds.
func TestRefundOfUnrefundableCharge(t *testing.T) {
	w := open(t, nil)
	must(t, w.card("acme", stripefake.Good))
	_, err := w.gateway.Charge(t.Context(), order(t, "k"))
	must(t, err)
	w.fake.Advance(time.Hour)
	g := w.another(t, &stripe.Options{HTTP: &http.Client{Transport: answering{"/refunds",
		`{"error": {"type": "invalid_request_error", "code": "charge_not_refundable", "message": "no"}}`, http.StatusBadRequest}}})
	r, err := g.Refund(t.Context(), payment.Refund{Key: "r", Charge: "k", Account: "acme", Amount: amount(t, "1.00 USD")})
	told(t, r, err, payment.Declined, payment.Other)
	r, err = w.gateway.Refund(t.Context(), payment.Refund{Key: "r", Charge: "k", Account: "acme", Amount: amount(t, "1.00 USD")})
	told(t, r, err, payment.Declined, payment.Other)
}

// An account has one customer, whatever process asks and however late, with a table; and never that of another store's account
// with the same name. A customer that was deleted is replaced, once.
// Rule: card-key-once.
func TestOneCustomer(t *testing.T) {
	w, table := open(t, nil), options(true)
	create := func(o *stripe.Options) string {
		t.Helper()
		id, err := w.another(t, o).CreateCustomer(t.Context(), "acme")
		must(t, err)
		return id
	}
	first := create(table)
	if other := create(options(true)); other == first {
		t.Errorf("the customer %s of two stores", other)
	}
	w.fake.SetFaults(only("POST", "/customers", stripefake.Lost))
	if id, err := w.another(t, options(true)).CreateCustomer(t.Context(), "acme"); err == nil {
		t.Errorf("customer %s of a lost answer", id)
	}
	w.fake.SetFaults(nil)
	w.fake.Advance(48 * time.Hour)
	if again := create(table); again != first {
		t.Errorf("after two days %s, want %s", again, first)
	}
	table.HTTP = &http.Client{Transport: answering{"/customers/" + first, `{"object": "customer", "deleted": true}`, http.StatusOK}}
	second := create(table)
	if again := create(table); second == first || again != second {
		t.Errorf("after %s was deleted %s, then %s", first, second, again)
	}
	without := create(nil)
	if again := create(nil); again != without {
		t.Errorf("without a table %s, then %s", without, again)
	}
}

// Without a key or payers there is no gateway. Its retention is that of the provider's keys, or unlimited with a table.
func TestNew(t *testing.T) {
	payers := func(context.Context, string) (stripe.Payer, error) { return stripe.Payer{}, nil }
	for _, bad := range []func() (*stripe.Gateway, error){
		func() (*stripe.Gateway, error) { return stripe.New("", payers, nil) },
		func() (*stripe.Gateway, error) { return stripe.New("sk", nil, nil) },
	} {
		if _, err := bad(); !errors.Is(err, payment.ErrInvalid) {
			t.Errorf("error %v", err)
		}
	}
	var got []time.Duration
	for _, o := range []*stripe.Options{nil, options(true)} {
		g, err := stripe.New("sk", payers, o)
		must(t, err)
		got = append(got, g.Retention())
	}
	if !slices.Equal(got, []time.Duration{24 * time.Hour, 0}) {
		t.Errorf("retentions %v", got)
	}
}

// A payment whose first card was declined, and which the payer then began with another one, is canceled because it was given
// up, not for the first card.
// Rule: card-declines-are-final.
func TestCancelAfterAnotherTry(t *testing.T) {
	w := open(t, nil)
	must(t, w.card("acme", stripefake.Insufficient))
	w.fake.SetFaults(only("POST", "/cancel", stripefake.Unavailable))
	r, err := w.gateway.Charge(t.Context(), order(t, "k"))
	told(t, r, err, payment.Pending, "")
	w.fake.SetFaults(nil)
	must(t, w.fake.Pay(w.intent("k"), stripefake.NeedsPayer))
	for range 2 {
		r, err = w.gateway.Cancel(t.Context(), "k")
		told(t, r, err, payment.Declined, payment.Canceled)
	}
}

// A request that another one locks out is made again under the same key; one that fails isn't, since its caller knows when
// to come again.
func TestRequestsAreRepeatedOnlyIfLocked(t *testing.T) {
	for _, tt := range []struct {
		fault stripefake.Fault
		times int // the fault meets each request so often
		ok    bool
		sent  int
	}{
		{stripefake.Locked, 3, true, 9},    // a search; create and confirm, four times each
		{stripefake.Locked, 100, false, 7}, // a search, and one that is repeated
		{stripefake.Unavailable, 1, false, 2},
		{stripefake.RateLimited, 1, false, 2},
	} {
		w := open(t, nil)
		must(t, w.card("acme", stripefake.Good))
		sent, met := 0, map[string]int{}
		w.fake.SetFaults(func(method, path string) stripefake.Fault {
			sent++
			met[path]++
			if method == http.MethodPost && met[path] <= tt.times {
				return tt.fault
			}
			return stripefake.None
		})
		r, err := w.gateway.Charge(t.Context(), order(t, "k"))
		if (err == nil && r.Status == payment.Succeeded) != tt.ok || errors.Is(err, payment.ErrKeyConflict) || sent != tt.sent {
			t.Errorf("%s %d times: %s, error %v, %d requests; want %t, %d", tt.fault, tt.times, r.Status, err, sent, tt.ok, tt.sent)
		}
	}
}

// answering answers requests whose path ends so by itself; a refund is created and listed under one path.
type answering struct {
	suffix, body string
	status       int
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, a.suffix) || r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/refunds") {
		return http.DefaultTransport.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
	}, nil
}

// An error that the provider answers with the whole payment doesn't show its secret.
// Rule: payer-actions-are-hidden.
func TestErrorsHideThePayment(t *testing.T) {
	w := open(t, &stripe.Options{HTTP: &http.Client{Transport: answering{"/confirm", `{"error": {"type": "invalid_request_error",
		"message": "no", "payment_intent": {"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_2"}}}`, http.StatusBadRequest}}})
	must(t, w.card("acme", stripefake.Good))
	_, err := w.gateway.Charge(t.Context(), order(t, "k"))
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), `HTTP 400, invalid_request_error`) {
		t.Errorf("error %v", err)
	}
}

// An answer that can't be read isn't shown: it has the payment's secret, whatever else is wrong with it.
// Rule: payer-actions-are-hidden.
func TestErrorsHideOddAnswers(t *testing.T) {
	for body, status := range map[string]int{
		`{"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_2", "amount": "ten"}`:    http.StatusOK,
		`{"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_2", "amount": 10`:        http.StatusOK,
		`{"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_2", "status": "odd"}`:    http.StatusOK,
		`{"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_2", "no": "error here"}`: http.StatusBadGateway,
		`<p>pi_1_secret_2</p>`: http.StatusBadGateway,
	} {
		w := open(t, &stripe.Options{HTTP: &http.Client{Transport: answering{"/confirm", body, status}}})
		must(t, w.card("acme", stripefake.Good))
		r, err := w.gateway.Charge(t.Context(), order(t, "k"))
		if err == nil || strings.Contains(err.Error(), "secret_2") {
			t.Errorf("%s: %+v, error %v", body, r, err)
		}
	}
}

// What is stored at the provider keeps its names and its values: a charge that is under way while a new version of this
// package is deployed is found by them.
// Rule: card-key-once.
func TestStoredNames(t *testing.T) {
	w := open(t, nil)
	must(t, w.card("acme", stripefake.Good))
	c := payment.Charge{
		Key: "key", Account: "acme", Amount: amount(t, "10.00 USD"), Order: "order", Application: "app", Description: "text", Present: true,
	}
	_, err := w.gateway.Charge(t.Context(), c)
	must(t, err)
	for name, value := range map[string]string{
		"prepaid_key":     "key",
		"prepaid_order":   "order",
		"prepaid_hash":    "2978c15429bdfc6c5bae0a2a728de9caf3bef42d4ff68058135ca4c2b08b7a53",
		"prepaid_digest":  "d19b06c3dc1cbc92290e8f407a273720ffac1d00f3cc90636f500bc4fb355624",
		"prepaid_account": "313c0369438dc67bc0961de312eebc079687b3806c83a30fac9385048b677ec9",
	} {
		if got := w.fake.Intent(name, value); got == "" || got != w.intent("key") {
			t.Errorf("no intent has %s = %s", name, value)
		}
	}
}

// before does something before a request whose method and path end so.
type before struct {
	method, suffix string
	do             func()
}

func (b before) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == b.method && strings.HasSuffix(r.URL.Path, b.suffix) {
		b.do()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// A refund that another one overtakes is declined if too little is left, and made if enough is.
func TestRefundIsOvertaken(t *testing.T) {
	for taken, want := range map[int64]payment.Status{600: payment.Declined, 1000: payment.Declined, 500: payment.Succeeded} {
		var w *world
		w = open(t, &stripe.Options{HTTP: &http.Client{Transport: before{http.MethodPost, "/refunds", func() {
			_, err := w.fake.RefundElsewhere(w.intent("k"), taken)
			must(t, err)
		}}}})
		must(t, w.card("acme", stripefake.Good))
		_, err := w.gateway.Charge(t.Context(), order(t, "k"))
		must(t, err)
		r := payment.Refund{Key: "r", Charge: "k", Account: "acme", Amount: amount(t, "5.00 USD")}
		first, err := w.gateway.Refund(t.Context(), r)
		if err != nil || first.Status != want {
			t.Errorf("after %d: %s %s, error %v; want %s", taken, first.Status, first.Reason, err, want)
		}
		if again, err := w.gateway.Refund(t.Context(), r); err != nil || again != first {
			t.Errorf("after %d: again %+v, error %v; want %+v", taken, again, err, first)
		}
	}
}

// A payment that is made while it is canceled is a success.
// Rule: card-declines-are-final.
func TestPaidWhileItIsCanceled(t *testing.T) {
	var w *world
	w = open(t, &stripe.Options{HTTP: &http.Client{Transport: before{http.MethodPost, "/cancel", func() {
		_ = w.fake.Pay(w.intent("k"), stripefake.Good)
	}}}})
	must(t, w.card("acme", stripefake.Insufficient))
	r, err := w.gateway.Charge(t.Context(), order(t, "k"))
	told(t, r, err, payment.Succeeded, "")
	r, err = w.gateway.Cancel(t.Context(), "k")
	told(t, r, err, payment.Succeeded, "")
}
