package debit_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/examples/gateways/debit"
	"github.com/prepaidkit/prepaid/examples/gateways/debit/bankserver"
	"github.com/prepaidkit/prepaid/examples/gateways/internal/outage"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
)

func newGateway(tb testing.TB, handler http.Handler) *debit.Gateway {
	tb.Helper()
	listener := httptest.NewServer(handler)
	tb.Cleanup(listener.Close)
	g, err := debit.New(debit.Options{URL: listener.URL, Client: &http.Client{Timeout: 10 * time.Second}, Text: "calls"})
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func harness(t *testing.T) paymenttest.Harness {
	t.Helper()
	bank := bankserver.New(time.Now)
	provider := &outage.Switch{Handler: bank}
	return paymenttest.Harness{
		Gateway: newGateway(t, provider), Fail: provider.Fail,
		Advance: func(context.Context) error { bank.Day(); return nil },
		Deposit: func(_ context.Context, account string, amount pricing.Money) error {
			bank.Fund(debit.Mandate(account), amount)
			return nil
		},
		Balance: func(_ context.Context, account string, c pricing.Currency) (pricing.Money, error) {
			return pricing.FromMinor(bank.Funds(debit.Mandate(account), c), c)
		},
		Decline: func(_ context.Context, account string, reason payment.Reason) error {
			switch reason {
			case payment.NoPaymentMethod:
				bank.Revoke(debit.Mandate(account))
			default:
				bank.Return(debit.Mandate(account), bankserver.Stopped)
			}
			return nil
		},
	}
}

func charge(key string) payment.Charge {
	amount, _ := pricing.FromMinor(4760, "EUR")
	return payment.Charge{Key: key, Account: "anna", Amount: amount}
}

func answered(t *testing.T, what string, r payment.Result, err error, status payment.Status, reason payment.Reason) {
	t.Helper()
	if err != nil || r.Status != status || r.Reason != reason {
		t.Errorf("%s: %s %s, error %v; want %s %s", what, r.Status, r.Reason, err, status, reason)
	}
}

// A debit can be canceled until it is submitted. After that it goes on, and is paid.
func TestDebitsAreCanceledUntilTheyAreSubmitted(t *testing.T) {
	bank := bankserver.New(time.Now)
	g := newGateway(t, bank)
	bank.Fund(debit.Mandate("anna"), charge("").Amount)
	for _, key := range []string{"early", "late"} {
		r, err := g.Charge(t.Context(), charge(key))
		answered(t, "Charge", r, err, payment.Pending, "")
		if key == "late" {
			bank.Day()
		}
		r, err = g.Cancel(t.Context(), key)
		if key == "late" {
			answered(t, "Cancel", r, err, payment.Pending, "")
		} else {
			answered(t, "Cancel", r, err, payment.Declined, payment.Canceled)
		}
	}
	for range 3 {
		bank.Day()
	}
	r, err := g.Cancel(t.Context(), "early")
	answered(t, "Cancel again", r, err, payment.Declined, payment.Canceled)
	r, err = g.Cancel(t.Context(), "late")
	answered(t, "Cancel again", r, err, payment.Succeeded, "")
	if left := bank.Funds(debit.Mandate("anna"), "EUR"); left != 0 {
		t.Errorf("%d cents are left, want 0: one of two was paid", left)
	}
}

// What a payer's bank takes back is a reversal, which is read again from any line, and leaves the charge as it was.
func TestTakenBackIsReversed(t *testing.T) {
	bank := bankserver.New(func() time.Time { return time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC) })
	g := newGateway(t, bank)
	c := charge("store/voice/order-1")
	bank.Fund(debit.Mandate("anna"), c.Amount)
	r, err := g.Charge(t.Context(), c)
	answered(t, "Charge", r, err, payment.Pending, "")
	for range 4 {
		bank.Day()
	}
	if err := bank.TakeBack(debit.Mandate("anna"), bankserver.Closed); err != nil {
		t.Fatal(err)
	}
	r, err = g.Lookup(t.Context(), c.Key)
	answered(t, "Lookup", r, err, payment.Succeeded, "")
	want := payment.Reversal{
		ID: "R1", Charge: c.Key, Status: payment.Reversed, Amount: c.Amount, Reason: payment.NoPaymentMethod, Reference: "AC04",
		At: time.Date(2026, time.July, 1, 12, 0, 0, 0, time.UTC),
	}
	for range 2 {
		all, last, err := g.Reversals(t.Context(), 0)
		if err != nil || last != 1 || len(all) != 1 || all[0] != want || all[0].Validate() != nil {
			t.Errorf("Reversals = %+v, %d, %v; want %+v", all, last, err, want)
		}
	}
	if all, last, err := g.Reversals(t.Context(), 1); err != nil || last != 1 || len(all) != 0 {
		t.Errorf("Reversals after it = %+v, %d, %v; want none", all, last, err)
	}
}

// Lines about debits of another system are passed over.
func TestForeignReturnsArePassedOver(t *testing.T) {
	g := newGateway(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"line": 7, "id": "R7", "attached": "their own", "amount": 1, "currency": "EUR", "code": "MD06"}]`))
	}))
	if all, last, err := g.Reversals(t.Context(), 6); err != nil || last != 7 || len(all) != 0 {
		t.Errorf("Reversals = %+v, %d, %v; want none up to line 7", all, last, err)
	}
}

// The text for statements is the host's and no part of a charge: with another one a charge is the same, and its key has no
// other content.
// Rule: gateways-keep-a-contract.
func TestAnotherTextIsTheSameCharge(t *testing.T) {
	bank := bankserver.New(time.Now)
	bank.Fund(debit.Mandate("anna"), charge("").Amount)
	listener := httptest.NewServer(bank)
	t.Cleanup(listener.Close)
	for _, text := range []string{"calls", "video calls"} {
		g, err := debit.New(debit.Options{URL: listener.URL, Client: &http.Client{Timeout: 10 * time.Second}, Text: text})
		if err != nil {
			t.Fatal(err)
		}
		r, err := g.Charge(t.Context(), charge("k"))
		answered(t, text, r, err, payment.Pending, "")
		other := charge("k")
		other.Present = true
		if r, err := g.Charge(t.Context(), other); !errors.Is(err, payment.ErrKeyConflict) {
			t.Errorf("%s: other content: %+v, error %v; want a conflict", text, r, err)
		}
	}
}

// A bank that collects debits keeps the contract, also while it fails.
// Rule: gateways-keep-a-contract.
func TestConforms(t *testing.T) { paymenttest.Run(t, harness) }
