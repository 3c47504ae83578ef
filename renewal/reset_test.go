package renewal_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// A paid subscription that a wrong clock interrupted or ended continues when the clock is reset, and a manual renewal
// extends the paid time.
// Rule: reset-brings-back-what-is-paid.
func TestResetClockBringsBackWhatIsPaidFor(t *testing.T) {
	for on, wrong := range map[bool]subscription.Status{true: subscription.Interrupted, false: subscription.Ended} {
		t.Run(string(wrong), func(t *testing.T) { broughtBack(t, on, wrong) })
	}
}

func broughtBack(t *testing.T, on bool, wrong subscription.Status) {
	t.Helper()
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.drain()
	if !on {
		w.must(subscription.AutoRenew{Product: "call"})
	}
	w.at("2025-02-05T00:00:00Z") // wrong: it is 20 January
	w.work()
	check(t, "by the wrong clock", w.status(), wrong)
	w.deposit("1000.00 USD")
	w.at("2025-01-20T00:00:00Z")
	w.must(subscription.ResetClock{Note: "ops"})
	check(t, "status", w.status(), subscription.Active) // paid up to 1 February
	w.must(renewal.Renew{Product: "call"})
	same(t, "periods", spans(w), []string{"[2025-01-01 2025-02-01)", "[2025-02-01 2025-03-01)"})
}

// An attempt made by a wrong clock does not block attempts at the right time.
// Rule: reset-brings-back-what-is-paid.
func TestResetClockMakesTheAttemptsOfNow(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.drain()
	w.at("2025-02-01T19:00:00Z") // wrong: it is 30 January
	w.work()                     // declined
	w.at("2025-01-30T00:00:00Z")
	w.must(subscription.ResetClock{Note: "ops"})
	w.deposit("1000.00 USD")
	w.run("2025-02-04T00:00:00Z")
	check(t, "status", w.status(), subscription.Active)
	check(t, "charges", len(w.charges()), 2)
}

// A period that a wrong clock began already has its minutes. An upgrade, which couldn't raise them, is refused until
// the period really begins.
func TestNoUpgradeAheadOfAPeriodThatAWrongClockBegan(t *testing.T) {
	w := newWorld(t, setup{policy: renewal.Policy{Reminders: hours()}})
	w.must(buy("call", "one-to-one"))
	w.must(renewal.Renew{Product: "call"})
	w.at("2025-02-02T00:00:00Z") // wrong: it is 20 January
	w.work()
	w.at("2025-01-20T00:00:00Z")
	w.must(subscription.ResetClock{Note: "ops"})
	w.refuse(subscription.ErrPeriodEnded, subscription.Upgrade{Product: "call", To: "group-call"})
	w.at("2025-02-01T00:00:00Z")
	w.must(subscription.Upgrade{Product: "call", To: "group-call"})
	check(t, "minutes of February", w.granted("2025-02-15T00:00:00Z").String(), "300000")
}

// Usage that could not be collected because of a wrong clock is collected from now on.
// Rule: reset-brings-back-what-is-paid.
func TestResetClockBillsUsageOfNow(t *testing.T) {
	waits := false
	w := crowded(t, func(s string) string { return s }, 1, 1, &waits)
	w.drain()
	w.must(subscription.EnablePayAsYouGo{Currency: "USD"})
	_, err := w.Consume(t.Context(), app, subscription.Usage{ID: "u", Product: "product0", Kind: "kind0", At: w.now, Seconds: 600000})
	w.ok(err)
	right := w.now
	w.now = right.AddDate(1, 0, 0)
	w.work() // declined
	w.now = right
	w.must(subscription.ResetClock{})
	w.deposit("1000.00 USD")
	w.run("2025-08-01T00:00:00Z")
	check(t, "charges", len(w.charges()), 1)
}
