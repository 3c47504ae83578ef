package subscription_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// newCard returns a world whose card issuer wants every payment of it confirmed by the customer.
func newCard(tb testing.TB, s setup) (*world, *testworld.Card) {
	tb.Helper()
	card := &testworld.Card{Asks: func(payment.Charge) bool { return true }}
	s.gateway = func(_ *world, behind *balance.Accounts) payment.Gateway {
		card.Gateway = behind
		return card
	}
	return newWorld(tb, s), card
}

// waits returns a pending result with an action.
func waits(o subscription.Order, value string) payment.Result {
	return payment.Result{
		Key: string(o.Attempt), Status: payment.Pending, Reference: "ref-1",
		Action: payment.Action{Kind: payment.ActionSecret, Value: value, Until: time.Date(2025, 7, 10, 3, 0, 0, 999, time.UTC)},
	}
}

// What the customer has to do stands in the open order, as the gateway's last answer says, and so does the gateway's first
// reference. An answer that says nothing new changes nothing.
// Rule: customer-action.
func TestActionStandsInTheOpenOrder(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	check(t, "no action", o.Action == nil, true)
	merely := payment.Result{Key: string(o.Attempt), Status: payment.Pending}
	named := merely
	named.Reference = "ref-2"
	for _, step := range []struct {
		name              string
		answer            payment.Result
		action, reference string
		event             string // "": no change
	}{
		{"under way", merely, "", "", ""},
		{"an action", waits(o, "secret-a"), "secret-a", "ref-1", "payment_action client_secret until 2025-07-10T03:00:00Z"},
		{"the same again", waits(o, "secret-a"), "secret-a", "ref-1", ""},
		{"another action", waits(o, "secret-b"), "secret-b", "ref-1", "payment_action client_secret until 2025-07-10T03:00:00Z"},
		{"done", merely, "", "ref-1", "payment_pending "},
		{"still under way", merely, "", "ref-1", ""},
		{"with another reference", named, "", "ref-2", "payment_pending "},
	} {
		commits := len(w.store.changes)
		got := w.settle(step.answer)
		check(t, step.name+": reference", got.Reference, step.reference)
		check(t, step.name+": status", got.Status, subscription.OrderOpen)
		check(t, step.name+": action", value(got.Action), step.action)
		check(t, step.name+": the row's", value(w.order(o.ID).Action), step.action)
		check(t, step.name+": the document's", value(w.stored().Orders[0].Action), step.action)
		if step.event == "" {
			check(t, step.name+": commits", len(w.store.changes), commits)
			continue
		}
		events := w.events()
		last := events[len(events)-1]
		check(t, step.name+": event", string(last.Type)+" "+last.Note, step.event)
		check(t, step.name+": of the order", last.Order, o.ID)
	}
	got := w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount})
	check(t, "paid", got.Status, subscription.OrderPaid)
	check(t, "the reference stays", got.Reference, "ref-2")
}

func value(a *payment.Action) string {
	if a == nil {
		return ""
	}
	return a.Value
}

// An action is a credential: no event or error has it, and it is gone once the order isn't open any more, whatever it has
// become.
// Rule: customer-action, payer-actions-are-hidden.
func TestActionIsNowhereElse(t *testing.T) {
	const secret = "the-secret-of-the-card"
	for name, ends := range map[string]func(w *world, o subscription.Order){
		"paid":     func(w *world, o subscription.Order) { w.settle(paid(o)) },
		"declined": func(w *world, o subscription.Order) { w.settle(result(w.t, o, "declined")) },
		"review":   func(w *world, o subscription.Order) { w.settle(result(w.t, o, "less")) },
		"canceled": func(w *world, o subscription.Order) { w.must(subscription.Cancel{Order: o.ID}) },
		"given up": func(w *world, o subscription.Order) {
			w.now = w.now.Add(24 * time.Hour)
			_, err := w.Collect(w.t.Context(), app, o.ID)
			fails(w.t, err, subscription.ErrCanceled)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: pending})
			o := w.settle(waits(w.place(buy("call", "one-to-one")), secret))
			check(t, "in the order", value(o.Action), secret)
			if err := o.Err(); !errors.Is(err, subscription.ErrPaymentPending) || strings.Contains(err.Error(), secret) {
				t.Errorf("error %v", err)
			}
			check(t, "printed", strings.Contains(fmt.Sprintf("%+v", o), secret), false)
			ends(w, o)
			check(t, "in the closed order", value(w.order(o.ID).Action), "")
			for _, part := range []any{w.events(), w.stored()} {
				if body, err := json.Marshal(part); err != nil || strings.Contains(string(body), secret) {
					t.Errorf("%v: %s", err, body)
				}
			}
			commits := len(w.store.changes)
			w.settle(waits(o, secret)) // late
			check(t, "a late action is no change", len(w.store.changes), commits)
		})
	}
}

// A gateway's action is bounded: what can't be one is no answer, and the order stays as it is.
// Rule: customer-action.
func TestImpossibleActionsAreRefused(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	for name, change := range map[string]func(r *payment.Result){
		"no kind":     func(r *payment.Result) { r.Action.Kind = "" },
		"no value":    func(r *payment.Result) { r.Action.Value = "" },
		"too long":    func(r *payment.Result) { r.Action.Value = strings.Repeat("x", 4097) },
		"not pending": func(r *payment.Result) { r.Status, r.Reason = payment.Declined, payment.Other },
	} {
		r := waits(o, "secret")
		change(&r)
		if _, err := w.Settle(t.Context(), o.Attempt, r); !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		check(t, name, w.order(o.ID).Status, subscription.OrderOpen)
		check(t, name, w.order(o.ID).Action == nil, true)
	}
	longest := waits(o, strings.Repeat("\"", 4096))
	longest.Action.Kind = payment.ActionKind(strings.Repeat("k", 64))
	longest.Action.Until = time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)
	got := w.settle(longest)
	check(t, "the longest", len(value(got.Action)), 4096)
	check(t, "an impossible deadline is unknown", got.Action.Until.IsZero(), true)
}

// The customer's request gets the action with the order, a repeated key gets it again, and the notification of what the
// customer has done, or of another action, is looked up.
// Rule: customer-action.
func TestActionReachesTheHost(t *testing.T) {
	w, card := newCard(t, setup{})
	r, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
	fails(t, err, subscription.ErrPaymentPending)
	check(t, "outcome", value(r.Order.Action), "https://bank.example/"+string(r.Order.Attempt))
	check(t, "reference", r.Order.Reference, "card of "+string(r.Order.ID))
	again, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
	fails(t, err, subscription.ErrPaymentPending)
	check(t, "again", value(again.Order.Action), value(r.Order.Action))
	got, err := w.Notify(t.Context(), r.Order.Attempt)
	w.ok(err)
	check(t, "notified", value(got.Action), value(r.Order.Action))
	w.ok(card.Confirm(t.Context(), string(r.Order.Attempt), true))
	got, err = w.Notify(t.Context(), r.Order.Attempt)
	w.ok(err)
	check(t, "confirmed", got.Status, subscription.OrderPaid)
	check(t, "one charge", strings.Join(card.Calls(), ", "), "charge "+string(r.Order.Attempt))
	w.pays(1, 0, "199.00")
}

// Notify applies a pending answer: the order shows what the customer has to do.
// Rule: customer-action.
func TestNotifyAppliesPendingAnswers(t *testing.T) {
	w, g := newUnsteady(t, setup{})
	g.delays()
	o := w.place(buy("call", "one-to-one"))
	answer := waits(o, "secret")
	g.OnLookup = constant(&answer)
	got, err := w.Notify(t.Context(), o.Attempt)
	w.ok(err)
	check(t, "action", value(got.Action), "secret")
	answer = payment.Result{Key: string(o.Attempt), Status: payment.NotFound}
	got, err = w.Notify(t.Context(), o.Attempt)
	w.ok(err)
	check(t, "not found is no answer", value(got.Action), "secret")
	found, err := w.Collector().LookUp(t.Context(), got)
	w.ok(err)
	check(t, "LookUp of what isn't found", value(&found.Action), "secret")
}

// A charge says that the customer is present if a request placed the order, and every repetition says the same, also of an
// order that an earlier version has placed without saying so.
// Rule: customer-action.
func TestPresenceIsFixedWithTheOrder(t *testing.T) {
	var asked []payment.Charge
	w, g := newUnsteady(t, setup{})
	g.losesCharges()
	lose := g.OnCharge
	record := func(c payment.Charge) { asked = append(asked, c) }
	g.OnCharge = recording(record, lose)
	r, _ := w.Do(t.Context(), app, buy("call", "one-to-one"), "k")
	check(t, "placed by a request", r.Order.Present, true)
	_, err := w.Collect(t.Context(), app, r.Order.ID)
	fails(t, err, subscription.ErrPaymentPending)
	// An order of version 0.1.0 has no member "present".
	old := w.load()
	old.Application.Orders[0].Present = false
	_, err = w.Collector().Ask(t.Context(), old.Application.Orders[0], true)
	check(t, "no answer", err != nil, true)
	check(t, "charges", len(asked), 3)
	check(t, "first", asked[0].Present, true)
	check(t, "repeated", asked[1], asked[0])
	asked[0].Present = false
	check(t, "of before", asked[2], asked[0])
	body, err := json.Marshal(asked[2])
	w.ok(err)
	check(t, "written as before", strings.Contains(string(body), "present"), false)
}

// What the customer doesn't do ends after the catalog's time, from the order's placing. A payment that is merely under way
// waits on. What arrives all the same goes back.
// Trap: a payment that waits for the customer (3-D Secure) blocks the customer from paying in another way, for days.
// Rule: pending-hours.
func TestOrderThatWaitsForTheCustomerEnds(t *testing.T) {
	for _, tt := range []struct {
		name, service string
		end           string // of the wait
	}{
		{"a day by default", `"late_usage_hours": 24`, "2025-07-11T02:30:00Z"},
		{"an hour", `"late_usage_hours": 24, "pending_hours": 1`, "2025-07-10T03:30:00Z"},
		{"a week", `"late_usage_hours": 24, "pending_hours": 168`, "2025-07-17T02:30:00Z"},
	} {
		for _, by := range []string{"the worker", "Collect", "the same key"} {
			t.Run(tt.name+", "+by, func(t *testing.T) {
				cat := catalog(t, "minutes.json", `"late_usage_hours": 24`, tt.service)
				w, card := newCard(t, setup{catalog: cat})
				r, err := w.Do(t.Context(), app, buy("call", "small"), "k")
				fails(t, err, subscription.ErrPaymentPending)
				o, end := r.Order, instant(t, tt.end)
				check(t, "end", w.stored().GivenUpAt(o, cat.ServiceTerms()), end)
				ask := func() {
					switch by {
					case "Collect":
						_, _ = w.Collect(t.Context(), app, o.ID)
					case "the same key":
						_, _ = w.Do(t.Context(), app, buy("call", "small"), "k")
					default:
						w.work(card, w.now.Format(time.RFC3339Nano), time.Hour)
					}
				}
				w.now = end.Add(-time.Microsecond)
				ask()
				check(t, "before", w.order(o.ID).Status, subscription.OrderOpen)
				w.refuse(subscription.ErrOrderOpen, buy("call", "small"))
				if by == "the worker" {
					check(t, "due", w.stored().Due, end)
				}
				w.now = end
				ask()
				got := w.order(o.ID)
				check(t, "after", got.Status, subscription.OrderCanceled)
				check(t, "note", got.Note, "the customer didn't confirm the payment in time")
				check(t, "pays in another way", w.place(buy("call", "small")).Status, subscription.OrderOpen)
				w.pays(0, 0, "0.00")
			})
		}
	}
	t.Run("one merely under way waits on", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		o := w.settle(waits(w.place(buy("call", "one-to-one")), "secret"))
		o = w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Pending})
		check(t, "no end", w.stored().GivenUpAt(o, w.catalog.ServiceTerms()).IsZero(), true)
		w.now = w.now.Add(30 * 24 * time.Hour)
		_, err := w.Collect(t.Context(), app, o.ID)
		fails(t, err, subscription.ErrPaymentPending)
	})
	t.Run("a late payment goes back", func(t *testing.T) {
		w, card := newCard(t, setup{})
		o := w.place(buy("call", "one-to-one"))
		w.now = w.now.Add(24 * time.Hour)
		card.Down = errLost // the gateway can't be asked to cancel
		_, err := w.Collect(t.Context(), app, o.ID)
		fails(t, err, subscription.ErrCanceled)
		check(t, "given up", w.order(o.ID).Status, subscription.OrderCanceling)
		w.ok(card.Confirm(t.Context(), string(o.Attempt), true))
		card.Down = nil
		w.work(card, "2025-07-11T08:00:00Z", time.Hour)
		check(t, "order", w.order(o.ID).Status, subscription.OrderCanceled)
		w.back(o.ID, "1 late 199.00 USD made")
		check(t, "subscriptions", len(w.application().Subscriptions), 0)
		w.pays(1, 1, "0.00")
	})
}

// A bill that the customer doesn't confirm counts as unpaid, like one that is declined: otherwise, service would go on for
// ever. It is billed again once it is known not to have been collected.
// Rule: pending-hours.
func TestBillThatIsNotConfirmedIsUnpaid(t *testing.T) {
	m := newMeter(t)
	card := &testworld.Card{Gateway: m.accounts, Asks: func(payment.Charge) bool { return true }}
	m.gate.Gateway = card
	m.paidGo()
	m.use(m.used("audio", 1000)) // 0.99
	m.world.work(card, "2025-07-12T00:00:00Z", time.Hour)
	bill := m.stored().Orders[0]
	check(t, "bill", value(bill.Action), "https://bank.example/"+string(bill.Attempt))
	check(t, "the customer isn't present", bill.Present, false)
	m.world.work(card, "2025-07-12T23:59:59Z", time.Hour)
	check(t, "no arrears yet", m.stored().Arrears.Since.IsZero(), true)
	m.world.work(card, "2025-07-13T00:00:00Z", time.Hour)
	check(t, "given up", m.order(bill.ID).Status, subscription.OrderCanceled)
	check(t, "arrears", m.stored().Arrears.Since, instant(t, "2025-07-13T00:00:00Z"))
	check(t, "owed", m.stored().Counters[0].Order, "")
	card.Asks = nil
	m.world.work(card, "2025-07-13T06:00:00Z", time.Hour)
	check(t, "paid", m.stored().Arrears.Since.IsZero(), true)
	check(t, "balance", m.balance(), "99999.01 USD")
}

// The document keeps its size, whatever actions a gateway gives: the longest fit for all orders that customers can have
// open, and one that finds no room isn't kept, without harm.
// Rule: document-stays-small.
func TestActionsLeaveTheDocumentSmall(t *testing.T) {
	w := newWorld(t, setup{gateway: pending, catalog: catalog(t, "minutes.json")})
	n := 0
	for ; ; n++ {
		r, err := w.do(topUp("any-50"))
		if errors.Is(err, subscription.ErrTooLarge) {
			break
		}
		o := w.settle(waits(r.Order, strings.Repeat("\"", payment.MaxAction)))
		check(t, "kept", len(value(o.Action)), payment.MaxAction)
	}
	check(t, "several orders", n > 4, true)
	body, err := json.Marshal(w.stored())
	w.ok(err)
	check(t, "the document isn't too large", len(body) <= subscription.MaxDocument, true)
}

// No change can leave an action where it doesn't belong.
// Rule: only-listed-steps.
func TestCheckRefusesMisplacedActions(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.settle(waits(w.place(buy("call", "one-to-one")), "secret"))
	last := w.store.last()
	for name, spoil := range map[string]func(c *subscription.Change){
		"the row has another one": func(c *subscription.Change) { c.Orders[0].Action.Value = "other" },
		"the document has none":   func(c *subscription.Change) { c.Next.Orders[0].Action = nil },
		"it isn't plain text":     func(c *subscription.Change) { c.Next.Orders[0].Action.Value, c.Orders[0].Action.Value = "\n", "\n" },
	} {
		c := last.change.Clone()
		spoil(&c)
		if err := c.Check(last.base); !errors.Is(err, subscription.ErrInvariant) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.settle(result(t, o, "declined"))
	last = w.store.last()
	c := last.change.Clone()
	c.Orders[0].Action = &payment.Action{Kind: "k", Value: "v"}
	if err := c.Check(last.base); !errors.Is(err, subscription.ErrInvariant) {
		t.Errorf("a closed order with an action: %v", err)
	}
	if err := last.change.Check(last.base); err != nil {
		t.Error(err)
	}
}

// terms without a time to wait stand for the default.
func TestGivenUpAtWithoutTerms(t *testing.T) {
	o := subscription.Order{
		Status: subscription.OrderOpen, PlacedAt: instant(t, "2025-07-10T02:30:00Z"), Action: &payment.Action{Kind: "k", Value: "v"},
	}
	check(t, "end", subscription.Application{}.GivenUpAt(o, pricing.ServiceTerms{}), instant(t, "2025-07-11T02:30:00Z"))
}
