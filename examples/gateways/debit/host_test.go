package debit_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/examples/gateways/debit"
	"github.com/prepaidkit/prepaid/examples/gateways/debit/bankserver"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// renewing returns a host, one of whose customers has a renewal under way on 2 July.
func renewing(t *testing.T, prices string, policy renewal.Policy) *host {
	t.Helper()
	var h *host
	bank := bankserver.New(func() time.Time { return h.now })
	listener := httptest.NewServer(bank)
	t.Cleanup(listener.Close)
	h = newHost(listener.URL, bank, time.Date(2026, time.June, 1, 12, 0, 0, 0, berlin), prices, policy)
	h.quiet = true
	h.buy(t.Context(), "anna", "100.00")
	h.until(t.Context(), time.July, 3)
	return h
}

// standing returns the status of the customer's subscription and of the orders of a kind, the latest last.
func (h *host) standing(t *testing.T, kind subscription.OrderKind) (status subscription.Status, orders []subscription.Order) {
	t.Helper()
	app, err := h.billing.Application(t.Context(), "anna")
	if err != nil {
		t.Fatal(err)
	}
	for o, err := range h.store.Orders(t.Context(), "anna") {
		if err != nil {
			t.Fatal(err)
		}
		if o.Kind == kind {
			orders = append(orders, o)
		}
	}
	sub, _ := app.Latest("meet")
	return sub.Status, orders
}

// With the default policy and a day of grace, service is interrupted before a debit can be paid, and begins anew when it
// is.
func TestDefaultsAreTooShortForDebits(t *testing.T) {
	h := renewing(t, strings.Replace(prices, `"grace_hours": 264`, `"grace_hours": 24`, 1), renewal.Policy{})
	h.until(t.Context(), time.July, 6)
	if status, _ := h.standing(t, subscription.RenewalOrder); status != subscription.Interrupted {
		t.Errorf("on 6 July the subscription is %s, want %s", status, subscription.Interrupted)
	}
	h.until(t.Context(), time.July, 20)
	status, orders := h.standing(t, subscription.RenewalOrder)
	if status != subscription.Active || len(orders) != 1 || orders[0].Status != subscription.OrderPaid {
		t.Fatalf("on 20 July the subscription is %s, with the renewals %+v; want it active, with one", status, orders)
	}
	if got, want := orders[0].Delivered.Period.String(), "[2026-07-08, 2026-08-08) Europe/Berlin"; got != want {
		t.Errorf("the renewal is for %s, want %s", got, want)
	}
}

// A line of the list about a store that shares the creditor, such as a test system's, doesn't stop those that follow. What was paid
// and taken back before the host heard of either was paid.
func TestReturnsOfAnotherStore(t *testing.T) {
	h := renewing(t, prices, policy())
	ctx := t.Context()
	_, orders := h.standing(t, subscription.RenewalOrder)
	c := charge("0123456789abcdef/somebody/else")
	h.bank.Fund(debit.Mandate("anna"), c.Amount)
	if _, err := h.gateway.Charge(ctx, c); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		h.bank.Day()
	}
	for range 2 { // the other store's and the renewal
		if err := h.bank.TakeBack(debit.Mandate("anna"), bankserver.Closed); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.returns(ctx); err != nil || h.line != 2 {
		t.Fatalf("the list is read up to line %d, error %v; want 2", h.line, err)
	}
	o, err := h.billing.Order(ctx, "anna", orders[0].ID)
	if err != nil || o.Status != subscription.OrderPaid || o.RefundedAmount != o.Amount {
		t.Errorf("the renewal is %s, %s of it went back, error %v; want it paid and reversed", o.Status, o.RefundedAmount, err)
	}
}

// A customer who wants to pay by hand cancels the debit that is under way. If that was submitted, its money goes back.
func TestWhatIsUnderWayIsCanceledFirst(t *testing.T) {
	h := renewing(t, prices, policy())
	ctx := t.Context()
	if _, err := h.billing.Do(ctx, "anna", renewal.Renew{Product: "meet"}, "by hand"); !errors.Is(err, subscription.ErrOrderOpen) {
		t.Errorf("Renew while a debit is under way: %v, want %v", err, subscription.ErrOrderOpen)
	}
	_, orders := h.standing(t, subscription.RenewalOrder)
	if len(orders) != 1 || orders[0].Status != subscription.OrderOpen {
		t.Fatalf("the renewals are %+v, want one that is open", orders)
	}
	if _, err := h.billing.Do(ctx, "anna", subscription.Cancel{Order: orders[0].ID}, "cancel"); err != nil &&
		!errors.Is(err, subscription.ErrPaymentPending) && !errors.Is(err, subscription.ErrCanceled) {
		t.Fatal(err)
	}
	if r, err := h.gateway.Lookup(ctx, string(orders[0].Attempt)); err != nil || r.Status != payment.Pending {
		t.Fatalf("the debit is %s, %v; want it under way, since it was submitted", r.Status, err)
	}
	h.fund("anna", "100.00")
	if _, err := h.billing.Do(ctx, "anna", renewal.Renew{Product: "meet"}, "by hand"); !errors.Is(err, subscription.ErrPaymentPending) {
		t.Fatalf("Renew: %v, want %v", err, subscription.ErrPaymentPending)
	}
	h.until(ctx, time.July, 20)
	status, orders := h.standing(t, subscription.RenewalOrder)
	if status != subscription.Active || len(orders) != 2 {
		t.Fatalf("the subscription is %s, with the renewals %+v; want it active, with two", status, orders)
	}
	if left := h.bank.Funds(debit.Mandate("anna"), "EUR"); left != 20000-2*4760 {
		t.Errorf("%d cents are left, want 10480: the purchase and one renewal are paid", left)
	}
}
