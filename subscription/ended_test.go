package subscription_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// The subscription of a customer who chose not to renew has ended at the end, goes out of service with the grace time and
// expires; nothing is owed, and the product can be purchased at once.
// Rule: ended-is-not-owed, boundary-belongs-to-the-later-period.
func TestEndedAtBoundaries(t *testing.T) {
	// A month from 10 July, then 24 hours of grace, then 60 days of retention.
	for _, tt := range []struct {
		at      string
		want    subscription.Status
		service bool
		refused error // of another purchase
	}{
		{"2025-08-09T23:59:59.999999Z", subscription.Active, true, subscription.ErrAlreadySubscribed},
		{"2025-08-10T00:00:00Z", subscription.Ended, true, nil},
		{"2025-08-10T23:59:59.999999Z", subscription.Ended, true, nil},
		{"2025-08-11T00:00:00Z", subscription.Ended, false, nil},
		{"2025-10-09T23:59:59.999999Z", subscription.Ended, false, nil},
		{"2025-10-10T00:00:00Z", subscription.Expired, false, nil},
	} {
		t.Run(tt.at, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(once("call", "one-to-one"))
			w.at(tt.at)
			sub := w.latest("call")
			check(t, "status", sub.Status, tt.want)
			check(t, "live", sub.Status.Live(), tt.want == subscription.Active)
			check(t, "in service", sub.InService(), tt.service)
			e, err := w.Entitlement(t.Context(), app, "call")
			w.ok(err)
			check(t, "entitled", e.Service, tt.service)
			if tt.refused != nil {
				w.refuse(tt.refused, buy("call", "group-call"))
				return
			}
			w.must(buy("call", "group-call"))
			check(t, "the next one", w.latest("call").ID, "call-2")
			check(t, "begins", span(w.latest("call").Cycles[0].Period)[:10], tt.at[:10])
			check(t, "the one before", lastStatus(w.events(), "call-1"), subscription.Expired)
		})
	}
}

// Without a grace time service ends with the period.
// Rule: ended-is-not-owed.
func TestEndedWithoutGrace(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "catalog.json", `"grace_hours": 24`, `"grace_hours": 0`)})
	w.must(once("call", "one-to-one"))
	w.at("2025-08-10T00:00:00Z")
	check(t, "status", w.latest("call").Status, subscription.Ended)
	check(t, "in service", w.latest("call").InService(), false)
	w.must(subscription.AutoRenew{Product: "call", On: true})
	check(t, "turned on, too late", w.latest("call").Status, subscription.Ended)
}

// A trial expires, and is never ended.
// Rule: ended-is-not-owed, trial-never-renews.
func TestTrialIsNeverEnded(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(try())
	w.at("2025-07-17T00:00:00Z")
	check(t, "status", w.latest("call").Status, subscription.Expired)
	w.must(subscription.Accept{Agreement: agreement})
	for _, e := range w.events() {
		if e.Status == subscription.Ended || e.Status == subscription.PastDue {
			t.Errorf("a trial becomes %s", e.Status)
		}
	}
}

// Switching auto-renewal says whether a renewal is owed.
// Rule: ended-is-not-owed, auto-renewal-is-on.
func TestEndedByTheSwitch(t *testing.T) {
	turn := func(on bool) subscription.AutoRenew { return subscription.AutoRenew{Product: "call", On: on} }
	for _, tt := range []struct {
		name  string
		leave bool // auto-renewal is off from the purchase on
		at    string
		on    []bool // what is switched then
		want  subscription.Status
	}{
		{"on, at the end", false, "2025-08-10T00:00:00Z", nil, subscription.PastDue},
		{"off, at the end", false, "2025-08-10T00:00:00Z", []bool{false}, subscription.Ended},
		{"off, at the last moment of the grace time", false, "2025-08-10T23:59:59.999999Z", []bool{false}, subscription.Ended},
		{"off and on", false, "2025-08-10T12:00:00Z", []bool{false, true}, subscription.PastDue},
		{"off, once interrupted", false, "2025-08-11T00:00:00Z", []bool{false}, subscription.Interrupted},
		{"on, at the end of a leaver", true, "2025-08-10T00:00:00Z", []bool{true}, subscription.PastDue},
		{"on, at the last moment of the grace time", true, "2025-08-10T23:59:59.999999Z", []bool{true}, subscription.PastDue},
		{"on, too late", true, "2025-08-11T00:00:00Z", []bool{true}, subscription.Ended},
		{"on and off", true, "2025-08-10T12:00:00Z", []bool{true, false}, subscription.Ended},
		{"off, twice", true, "2025-08-10T12:00:00Z", []bool{false, false}, subscription.Ended},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			p := buy("call", "one-to-one")
			p.NoAutoRenew = tt.leave
			w.must(p)
			w.at(tt.at)
			for _, on := range tt.on {
				w.must(turn(on))
			}
			check(t, "status", w.latest("call").Status, tt.want)
			if len(tt.on) > 0 {
				check(t, "by an event", lastStatus(w.events(), "call-1"), tt.want)
			}
		})
	}
	t.Run("off before the end, after a decline", func(t *testing.T) {
		w := newWorld(t, setup{poor: true})
		w.deposit("199.00 USD")
		w.must(buy("call", "one-to-one"))
		w.work(w.accounts, "2025-08-09T06:00:00Z", time.Hour)
		check(t, "declined", w.latest("call").Status, subscription.PastDue)
		w.must(turn(false))
		check(t, "nothing is owed", w.latest("call").Status, subscription.Active)
		w.must(turn(true))
		check(t, "on again", w.latest("call").Status, subscription.Active)
		w.work(w.accounts, "2025-08-09T13:00:00Z", time.Hour)
		check(t, "declined again", w.latest("call").Status, subscription.PastDue)
	})
	t.Run("off while the last attempt is under way", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(buy("call", "one-to-one"))
		waits := &gatewayFuncs{Gateway: w.accounts}
		waits.OnCharge = pending(w, w.accounts).(*gatewayFuncs).OnCharge
		w.at("2025-08-09T00:00:00Z")
		w.work(waits, "2025-08-09T00:00:00Z", time.Hour)
		o := w.stored().Orders[0]
		w.must(turn(false))
		w.settle(result(t, o, "declined"))
		check(t, "a decline makes no debt", w.latest("call").Status, subscription.Active)
		w.at("2025-08-10T00:00:00Z")
		check(t, "at the end", w.latest("call").Status, subscription.Ended)
	})
}

// A payment within the grace time continues from the end, whatever the subscription is then; a later one starts today. An
// order keeps what it was placed for.
// Rule: ended-is-not-owed, grace-continues-from-the-end, late-renewal-starts-today.
func TestEndedIsResumedByAPayment(t *testing.T) {
	for _, tt := range []struct{ name, placed, paid, want string }{
		{"at the end", "2025-08-10T00:00:00Z", "2025-08-10T00:00:00Z", "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z"},
		{"at the last moment", "2025-08-10T23:59:59.999999Z", "2025-08-10T23:59:59.999999Z", "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z"},
		{"too late", "2025-08-11T00:00:00Z", "2025-08-11T00:00:00Z", "2025-08-11T00:00:00Z/2025-09-11T00:00:00Z"},
		{"ordered in time and paid too late", "2025-08-10T12:00:00Z", "2025-08-12T12:00:00Z", "2025-08-12T00:00:00Z/2025-09-12T00:00:00Z"},
		{"ordered before the end and paid in time", "2025-08-09T12:00:00Z", "2025-08-10T12:00:00Z", "2025-08-10T00:00:00Z/2025-09-10T00:00:00Z"},
		{"in the last moment of the retention time", "2025-10-09T23:59:59Z", "2025-10-09T23:59:59Z", "2025-10-09T00:00:00Z/2025-11-09T00:00:00Z"},
		{"ordered then and paid later", "2025-10-09T23:59:59Z", "2025-10-12T12:00:00Z", "2025-10-12T00:00:00Z/2025-11-12T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: pending})
			w.settle(paid(w.place(once("call", "one-to-one"))))
			w.at(tt.placed)
			o := w.place(renewal.Renew{Product: "call"})
			w.at(tt.paid)
			got := w.settle(paid(o))
			check(t, "order", got.Status, subscription.OrderPaid)
			check(t, "period", span(got.Delivered.Period), tt.want)
			s := w.latest("call")
			check(t, "ID", s.ID, "call-1")
			check(t, "status", s.Status, subscription.Active)
			check(t, "in service", s.InService(), true)
			check(t, "still without auto-renewal", s.AutoRenew, false)
		})
	}
}

// Everything of a package that has ended can be taken back: in the grace time that ends the service, later there is none.
// Rule: ended-is-not-owed, refund-takes-what-it-says.
func TestRefundOfWhatHasEnded(t *testing.T) {
	for at, want := range map[string]subscription.Status{
		"2025-08-10T12:00:00Z": subscription.Refunded,
		"2025-08-11T00:00:00Z": subscription.Ended,
	} {
		w := newWorld(t, setup{})
		r := w.must(once("call", "one-to-one"))
		w.at(at)
		w.must(subscription.RefundOrder{Order: r.Order.ID, Take: subscription.TakeAll})
		check(t, at, w.latest("call").Status, want)
		e, err := w.Entitlement(t.Context(), app, "call")
		w.ok(err)
		check(t, "entitled", e.Service, false)
	}
}

// A stored subscription that is past due though its customer chose not to renew, from before there was ended, is led on:
// it has ended, or is active if its end is ahead.
// Rule: ended-is-not-owed, formats-are-read-forever.
func TestPastDueOfALeaverIsLedOn(t *testing.T) {
	const early, end = "2025-08-09T12:00:00Z", "2025-08-10T00:00:00Z"
	for _, tt := range []struct {
		name  string
		asOf  string // of the last change by the earlier version; "" if it recorded none
		tried string // the attempt that was declined
		at    string
		want  []string
		as    subscription.Status
	}{
		{"in the grace time", end, "", "2025-08-10T12:00:00Z", []string{end + " ended"}, subscription.Ended},
		{"after it", end, "", "2025-08-12T12:00:00Z", []string{
			end + " ended", "2025-08-11T00:00:00Z ", "2025-08-11T12:00:00Z ",
		}, subscription.Ended},
		{"declined after the end", "2025-08-10T06:00:00Z", "2025-08-10T06:00:00Z", "2025-08-10T12:00:00Z", []string{
			"2025-08-10T06:00:00Z ended",
		}, subscription.Ended},
		{"declined before the end, which is ahead", early, early, "2025-08-09T13:00:00Z", []string{early + " active"}, subscription.Active},
		{"declined before the end, which has come", early, early, "2025-08-10T13:00:00Z", []string{
			early + " active", end + " ended",
		}, subscription.Ended},
		{"declined before the end, and another method was reported", early, "", "2025-08-09T13:00:00Z", []string{early + " active"}, subscription.Active},
		{"declined before the end, changed after it", "2025-08-10T06:00:00Z", early, "2025-08-10T13:00:00Z", []string{
			"2025-08-10T06:00:00Z ended",
		}, subscription.Ended},
		{"of the first format", "", "", "2025-08-10T12:00:00Z", []string{end + " ended"}, subscription.Ended},
		{"long ago", end, "", "2025-10-10T00:00:00Z", []string{
			end + " ended", "2025-08-11T00:00:00Z ", "2025-08-11T12:00:00Z ", "2025-10-10T00:00:00Z expired",
		}, subscription.Expired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(once("call", "one-to-one"))
			a := w.stored()
			s := &a.Subscriptions[0]
			s.Status = subscription.PastDue
			a.AsOf = time.Time{}
			if tt.asOf != "" {
				a.AsOf = instant(t, tt.asOf)
			}
			if tt.tried != "" {
				s.Renewal.Attempts, s.Renewal.LastAttemptAt = 1, instant(t, tt.tried)
			}
			now := instant(t, tt.at)
			c, err := subscription.Advance(a, w.catalog, now)
			w.ok(err)
			w.ok(c.Check(a))
			var got []string
			for _, e := range c.Events {
				got = append(got, fmt.Sprint(e.At.Format(time.RFC3339), " ", e.Status))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			check(t, "status", c.Next.Subscriptions[0].Status, tt.as)
			again, err := subscription.Advance(c.Next, w.catalog, now)
			w.ok(err)
			check(t, "nothing more is due", again.IsZero(), true)
		})
	}
}

// A worker brings such a subscription to its end, and charges nothing for it.
// Rule: ended-is-not-owed.
func TestPastDueOfALeaverIsNeverCharged(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(once("call", "one-to-one"))
	a := w.stored()
	a.Subscriptions[0].Status, a.AsOf, a.Due = subscription.PastDue, instant(t, "2025-08-10T00:00:00Z"), instant(t, "2025-08-11T00:00:00Z")
	at := instant(t, "2025-08-11T00:00:00Z")
	for range 10 {
		c, err := renewal.Decide(subscription.Snapshot{Application: a}, renewal.Policy{}, w.catalog, at)
		w.ok(err)
		w.ok(c.CheckAt(a, at))
		check(t, "orders", len(c.Orders), 0)
		for _, e := range c.Events {
			check(t, "reminders", e.Type == subscription.EventReminder, false)
		}
		if a = c.Next; a.Due.IsZero() {
			break
		}
		at = a.Due
	}
	check(t, "in the end", a.Subscriptions[0].Status, subscription.Expired)
	check(t, "never due again", a.Due.IsZero(), true)
}

// What a customer may use is said by the entitlement: the version in force and its features, while the product is in
// service and usage is paid.
// Rule: entitlement-is-asked.
func TestEntitlement(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "catalog.json", `"id": "one-to-one"`, `"features": {"mau": "5,000"}, "id": "one-to-one"`,
		`"id": "group-call"`, `"features": {"mau": "20,000", "recording": "yes"}, "id": "group-call"`)})
	at := func(when string) string {
		t.Helper()
		e, err := w.application().Entitlement("call", w.catalog, instant(t, when))
		w.ok(err)
		return fmt.Sprint(e.Service, " ", e.Version, " ", e.Features)
	}
	const none, one = "false  map[]", "true one-to-one map[mau:5,000]"
	check(t, "nothing was bought", at("2025-07-10T02:30:00Z"), none)
	w.must(once("call", "one-to-one"))
	check(t, "bought", at("2025-07-10T02:30:00Z"), one)
	check(t, "an instant before the last change", at("2020-01-01T00:00:00Z"), one)
	check(t, "the last moment of service", at("2025-08-10T23:59:59.999999Z"), one)
	check(t, "no service", at("2025-08-11T00:00:00Z"), none)
	w.must(upgrade("group-call"))
	check(t, "upgraded", at("2025-07-10T02:30:00Z"), "true group-call map[mau:20,000 recording:yes]")
	check(t, "another product", func() bool {
		e, err := w.application().Entitlement("live", w.catalog, w.now)
		w.ok(err)
		return e.Service
	}(), false)

	w.at("2025-08-11T00:00:00Z")
	e, err := w.Entitlement(t.Context(), app, "call")
	w.ok(err)
	check(t, "asked of the service", e.Service, false)
	_, err = w.Entitlement(t.Context(), "nobody", "call")
	fails(t, err, subscription.ErrNotFound)
	w.must(buy("call", "one-to-one"))
	w.catalog = catalog(t, "catalog.json", `"id": "one-to-one"`, `"id": "renamed"`)
	check(t, "a version that the catalog lacks", at("2025-08-11T00:00:00Z"), "true one-to-one map[]")

	a := w.application()
	a.Arrears = subscription.Arrears{Since: w.now.Add(-time.Hour), LastAttemptAt: w.now}
	e, err = a.Entitlement("call", w.catalog, w.now)
	w.ok(err)
	check(t, "unpaid usage", e.Service, true)
	e, err = a.Entitlement("call", w.catalog, w.now.Add(24*time.Hour))
	w.ok(err)
	check(t, "unpaid usage, interrupted", e.Service, false)
	a.Free = append(a.Free, subscription.FreeClaim{ID: "x", Cycles: 1, Zone: "No/Where", NextAt: w.now})
	_, err = a.Entitlement("call", w.catalog, w.now)
	fails(t, err, pricing.ErrZone)
}

// What no renewal owes isn't in the way of anything: a policy that goes on through the retention time charges a leaver who
// turned auto-renewal on too late only by its schedule.
// Rule: ended-is-not-owed.
func TestEndedIsNotOwed(t *testing.T) {
	s := subscription.Subscription{AutoRenew: true, Status: subscription.Interrupted}
	check(t, "interrupted", s.Owed(), true)
	s.Status = subscription.Ended
	check(t, "ended", s.Owed(), false)
	s.Status, s.Renewal.Stopped = subscription.PastDue, payment.NoPaymentMethod
	check(t, "stopped", s.Owed(), false)
}
