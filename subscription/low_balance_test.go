package subscription_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// The owner is warned at 20%, at 5% and when a lot is exhausted: once each, not once per record, even if minutes return
// from a reservation. If one change passes several thresholds, only the last is reported.
// Rule: low-balance-warnings.
func TestLowBalance(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	var got []string
	minute := func(what string) {
		n := len(m.noted(subscription.EventLowBalance))
		m.use(m.used("audience-audio", 2))
		for _, e := range m.noted(subscription.EventLowBalance)[n:] {
			got = append(got, what+": "+e)
		}
	}
	m.use(m.used("audio", 78))
	minute("79 of 100")
	minute("80")
	minute("81")
	m.must(m.hold("a", 3))
	m.must(subscription.Release{ID: "a"})
	minute("82")
	sameLines(t, "around 20 %", got, "80: low_balance 20%")
	before := len(m.noted(subscription.EventLowBalance))
	m.use(m.used("audio", 18))
	sameLines(t, "5 % and exhausted at once", m.noted(subscription.EventLowBalance)[before:], "low_balance 0%")
}

// Warnings are per lot, including a lot that was used up at its purchase by the excess of its day.
// Rule: low-balance-warnings.
func TestLowBalanceOfEachLot(t *testing.T) {
	m := newMeter(t)
	m.paidGo()
	m.use(m.used("audio", 60))
	m.must(topUp("call-50")) // its minutes cover earlier usage
	m.must(buy("call", "small"))
	m.use(m.used("audio", 70))
	var got []string
	for _, e := range m.events() {
		if e.Type == subscription.EventLowBalance {
			got = append(got, e.Note+" of lot "+string(rune('0'+e.Lot))+", "+e.Quantity.String()+" left")
		}
	}
	sameLines(t, "warnings", got, "0% of lot 1, 0 left", "20% of lot 2, 20 left")
}

// Nobody is warned of a lot that was taken back: it isn't low, it is gone.
// Rule: low-balance-warnings.
func TestNoWarningOfWhatWasTakenBack(t *testing.T) {
	m := newMeter(t)
	bought := m.must(buy("call", "small")).Order
	m.use(m.used("audio", 10))
	m.reverse(bought, "dp-1", payment.Reversed, "10.00 USD")
	m.must(topUp("call-50"))
	m.use(m.used("audio", 10))
	check(t, "warned", len(m.noted(subscription.EventLowBalance)), 0)
}

// Top-ups never merge, either with each other or with a lot that is about to end. An order of several packs is one lot.
// Rule: packs-never-merge.
func TestTopUpsNeverMerge(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(topUp("short-50"))
	m.at("2025-08-08T10:00:00Z")
	m.must(topUp("short-50"))
	several := topUp("short-50")
	several.Quantity = 3
	m.must(several)
	sameLines(t, "lots", m.lots(), "1 package 100/100", "2 top_up 50/50", "3 top_up 50/50", "4 top_up 150/150")
	m.must(subscription.AutoRenew{Product: "call"})
	m.run("2025-08-12T00:00:00Z")
	sameLines(t, "each has its own end", m.lots(), "3 top_up 50/50", "4 top_up 150/150")
	m.balanced()
}

// Several top-up orders can be open at once, along with one for a subscription, and can be paid in any order.
// Rule: fixed-packs.
func TestSeveralTopUpsOpenAtOnce(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "minutes.json"), start: "2025-07-10T10:00:00Z", gateway: pending})
	purchase := w.place(buy("call", "small"))
	first, second := w.place(topUp("call-50")), w.place(topUp("call-50"))
	check(t, "different orders", first.ID != second.ID && first.Attempt != second.Attempt, true)
	for _, o := range []subscription.Order{second, purchase, first} {
		check(t, "status", w.settle(paid(o)).Status, subscription.OrderPaid)
		check(t, "settled twice", w.settle(paid(o)).Status, subscription.OrderPaid)
	}
	check(t, "lots", len(w.stored().Lots), 3)
	check(t, "minutes", w.application().Minutes("call", w.now), subscription.Minutes(200))
}

// Held minutes aren't used: the warning comes when they are spent, not when they are held.
// Rule: low-balance-warnings.
func TestHeldMinutesAreNotWarnedOf(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(m.hold("a", 22))
	m.use(m.used("audio", 5))
	check(t, "warned", len(m.noted(subscription.EventLowBalance)), 0)
	m.must(subscription.Release{ID: "a"})
	m.use(m.used("audio", 95))
	sameLines(t, "exhausted", m.noted(subscription.EventLowBalance), "low_balance 0%")
}
