package renewal_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Who has left is reminded of the end, and of nothing after it; who owes a renewal is reminded on, with the reason for which
// attempts have stopped.
// Trap: a customer who left is dunned as past due.
// Rule: ended-is-not-owed, renewal-reminders.
func TestLeaversAreNotDunned(t *testing.T) {
	for _, tt := range []struct {
		name string
		left string         // when auto-renewal is turned off; "" for never
		why  payment.Reason // of the declines
		want []string       // reminders; an attempt takes the place of the one a day before the end
	}{
		{"a leaver", "2025-01-10T00:00:00Z", payment.TryLater, []string{
			"2025-01-29 00:00 renewal_reminder ends", "2025-01-31 00:00 renewal_reminder ends",
		}},
		{"a debtor", "", payment.TryLater, []string{
			"2025-01-29 00:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)",
			"2025-02-01 02:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)",
			"2025-02-01 20:00 renewal_reminder ends", // the last attempt was 6 hours after the end
		}},
		{"a debtor whose card was stolen", "", payment.LostOrStolen, []string{
			"2025-01-29 00:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)",
			"2025-02-01 02:00 renewal_reminder lost_or_stolen ends", "2025-02-01 20:00 renewal_reminder lost_or_stolen ends",
		}},
		{"a debtor who leaves", "2025-02-01T10:00:00Z", payment.TryLater, []string{
			"2025-01-29 00:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)",
			"2025-02-01 02:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reason := payment.Reason("")
			w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours(-72, -24, 2, 20, 40)}, gateway: declining(&reason)})
			w.must(buy("call", "one-to-one"))
			reason = tt.why
			if tt.left != "" {
				w.run(tt.left)
				w.must(turn(false))
			}
			w.run("2025-03-01T00:00:00Z")
			same(t, "reminders", w.log(subscription.EventReminder), tt.want)
		})
	}
}

// Once the last attempt was declined, nobody is told that the package renews itself.
// Rule: renewal-reminders.
func TestReminderAfterTheLastAttempt(t *testing.T) {
	reason := payment.Reason("")
	w := newWorld(t, setup{policy: renewal.Policy{Attempts: hours(-120), Reminders: hours(-168, -72)}, gateway: declining(&reason)})
	w.must(buy("call", "one-to-one"))
	reason = payment.TryLater
	w.run("2025-03-01T00:00:00Z")
	same(t, "reminders", w.log(subscription.EventReminder), []string{
		"2025-01-25 00:00 renewal_reminder 199.00 USD renews itself [2025-02-01 2025-03-01)", "2025-01-29 00:00 renewal_reminder ends",
	})
}

// Who turns auto-renewal on once service has ended owes nothing for it: only a schedule that goes on through the retention
// time charges, for a period that begins then. It doesn't keep the subscription from expiring.
// Rule: ended-is-not-owed, schedule-outlasts-the-grace-time.
func TestTurnedOnTooLateIsChargedOnlyByItsOwnSchedule(t *testing.T) {
	for _, tt := range []struct {
		name    string
		policy  renewal.Policy
		charged bool
	}{
		{"the default schedule", renewal.Policy{}, false},
		{"one that goes on", renewal.Policy{Attempts: hours(-24, 30*24)}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{policy: tt.policy})
			w.must(buy("call", "one-to-one"))
			w.must(turn(false))
			w.run("2025-02-05T00:00:00Z")
			w.must(turn(true))
			check(t, "status", w.status(), subscription.Ended)
			w.run("2025-03-03T00:00:00Z")
			if !tt.charged {
				check(t, "charges", len(w.charges()), 1)
				w.run("2025-04-03T00:00:00Z")
				check(t, "status", w.status(), subscription.Expired)
				return
			}
			same(t, "charges", w.charges(), []string{"2025-01-01 10:00 -199.00 USD", "2025-03-03 00:00 -199.00 USD"})
			check(t, "status", w.status(), subscription.Active)
			check(t, "end", w.end(), "2025-04-03 00:00")
		})
	}
}

// A purchase that takes the place of a subscription that has ended, in its grace time, is a new subscription with its own
// days; the order of a renewal by hand that was placed meanwhile gives way.
// Rule: ended-is-not-owed, same-product-does-not-stack.
func TestPurchaseTakesThePlaceOfWhatHasEnded(t *testing.T) {
	w := newWorld(t, setup{gateway: pendingFrom("2025-02-01")})
	w.must(buy("call", "one-to-one"))
	w.must(turn(false))
	w.at("2025-02-01T12:00:00Z")
	_, err := w.do(renewal.Renew{Product: "call"})
	fails(t, err, subscription.ErrPaymentPending)
	renew := w.stored().Orders[0]
	_, err = w.do(buy("call", "group-call"))
	fails(t, err, subscription.ErrPaymentPending)
	check(t, "bought", w.settle(paid(w.stored().Orders[1])).Status, subscription.OrderPaid)
	s := w.latest("call")
	check(t, "ID", s.ID, "call-2")
	check(t, "version", s.Version(), pricing.VersionID("group-call"))
	check(t, "period", span(s.Cycles[0].Period), "[2025-02-01 2025-03-01)")
	late := w.settle(paid(renew))
	check(t, "the renewal", late.Status, subscription.OrderCanceled)
	check(t, "goes back", late.RefundedAmount.String(), "199.00 USD")
}
