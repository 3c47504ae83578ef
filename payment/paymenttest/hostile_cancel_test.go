package paymenttest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
)

// While a hostile gateway's charge waits for the payer, its answers have an action; then it ends as its fault says.
// Rule: gateways-keep-a-contract, customer-action.
func TestHostileActions(t *testing.T) {
	for fault, want := range map[paymenttest.Fault]payment.Result{
		paymenttest.ActionThenPaid:     {Status: payment.Succeeded},
		paymenttest.ActionThenDeclined: {Status: payment.Declined, Reason: payment.NeedsAuthentication},
	} {
		t.Run(string(fault), func(t *testing.T) {
			h := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{Plan: paymenttest.Script(fault)})
			c := payment.Charge{Key: "k", Account: "acme", Amount: usd(19900)}
			first, err := h.Charge(t.Context(), c)
			for range 2 {
				if err != nil || first.Validate() != nil || first.Status != payment.Pending || first.Action.IsZero() {
					t.Fatalf("%v, %v: want one with an action", first, err)
				}
				again, failed := h.Lookup(t.Context(), "k")
				if failed != nil || again != first {
					t.Errorf("Lookup: %v, %v, want %v", again, failed, first)
				}
			}
			got, err := h.Charge(t.Context(), c)
			if err != nil || got.Status != want.Status || got.Reason != want.Reason || !got.Action.IsZero() {
				t.Errorf("in the end %v, %v", got, err)
			}
		})
	}
}

// A hostile gateway cancels what it hasn't collected, at any moment, and says what is true.
// Rule: gateways-keep-a-contract, cancel-first.
func TestHostileCancel(t *testing.T) {
	const later = time.Hour
	for _, tt := range []struct {
		fault    paymenttest.Fault
		wait     time.Duration
		lookups  paymenttest.Fault
		status   payment.Status // of the answer; "": no answer
		reason   payment.Reason
		collects bool // in the end
	}{
		{paymenttest.PendingThenPaid, 0, paymenttest.None, payment.Declined, payment.Canceled, false},
		{paymenttest.ActionThenPaid, 0, paymenttest.None, payment.Declined, payment.Canceled, false},
		{paymenttest.ActionThenPaid, 0, paymenttest.TimeoutBefore, "", "", true},
		{paymenttest.ActionThenPaid, 0, paymenttest.TimeoutAfter, "", "", false},
		{paymenttest.ActionThenPaid, later, paymenttest.None, payment.Succeeded, "", true},
		{paymenttest.ActionThenDeclined, later, paymenttest.None, payment.Declined, payment.NeedsAuthentication, false},
		{paymenttest.InFlight, 0, paymenttest.None, payment.NotFound, "", true},
		{paymenttest.InFlight, 0, paymenttest.Silent, "", "", true},
		{paymenttest.TimeoutBefore, 0, paymenttest.None, payment.NotFound, "", false},
		{paymenttest.TimeoutAfter, 0, paymenttest.None, payment.Succeeded, "", true},
		{paymenttest.None, 0, paymenttest.None, payment.Succeeded, "", true},
		{paymenttest.DeclineOther, 0, paymenttest.None, payment.Declined, payment.Other, false},
	} {
		t.Run(fmt.Sprintf("%s after %s, %s", tt.fault, tt.wait, tt.lookups), func(t *testing.T) {
			now := time.Date(2025, 6, 16, 10, 0, 0, 0, time.UTC)
			h := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{
				Plan: paymenttest.Script(tt.fault), Lookups: func(int, string) paymenttest.Fault { return tt.lookups },
				PendingFor: later, Now: func() time.Time { return now },
			})
			_, _ = h.Charge(t.Context(), payment.Charge{Key: "k", Account: "acme", Amount: usd(19900)}) // it may be lost
			now = now.Add(tt.wait)
			r, err := h.Cancel(t.Context(), "k")
			if tt.status == "" {
				if !errors.Is(err, paymenttest.ErrNoAnswer) {
					t.Errorf("Cancel: %v, %v, want no answer", r, err)
				}
			} else if err != nil || r.Validate() != nil || r.Status != tt.status || r.Reason != tt.reason {
				t.Errorf("Cancel: %v, %v, want %s %s", r, err, tt.status, tt.reason)
			}
			if err := h.Settle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := len(h.Collected()) == 1; got != tt.collects {
				t.Errorf("collected %t, want %t", got, tt.collects)
			}
		})
	}
	h := paymenttest.NewHostile(balance.New(nil), nil)
	if _, err := h.Cancel(t.Context(), ""); !errors.Is(err, payment.ErrInvalid) {
		t.Errorf("Cancel of no key: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Cancel(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("Cancel of an ended context: %v", err)
	}
}

// A charge that waits for its payer is given up: it never collects anything.
func ExampleHostile_Cancel() {
	ctx := context.Background()
	gateway := paymenttest.NewHostile(acme(), &paymenttest.HostileOptions{Plan: paymenttest.Script(paymenttest.ActionThenPaid)})
	r, err := gateway.Charge(ctx, payment.Charge{Key: "order-1", Account: "acme", Amount: usd(19900)})
	fmt.Println(r.Status, err)
	r, err = gateway.Cancel(ctx, "order-1")
	fmt.Println(r.Status, r.Reason, err)
	fmt.Println(len(gateway.Collected()), gateway.Settle(ctx))
	// Output:
	// pending <nil>
	// declined canceled <nil>
	// 0 <nil>
}
