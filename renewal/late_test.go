package renewal_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// A renewal that awaits payment when the retention period ends, or that was placed after it because no worker ran, is
// not lost: the subscription expires only when the renewal is declined.
// Rule: downtime-loses-no-renewal.
func TestWhatMayStillBePaidDoesNotExpire(t *testing.T) {
	for _, pays := range []bool{true, false} {
		w := newWorld(t, setup{gateway: pendingFrom("2025-04-01")})
		w.must(buy("call", "one-to-one"))
		w.at("2025-06-10T12:00:00Z") // retention ended on 3 April
		w.work()
		w.run("2025-06-10T15:00:00Z")
		o, ok := w.stored().Blocking("call-1")
		check(t, "placed", ok, true)
		check(t, "status meanwhile", w.status(), subscription.Interrupted)
		if pays {
			o = w.settle(paid(o))
			check(t, "order", o.Status, subscription.OrderPaid)
			check(t, "status", w.status(), subscription.Active)
			check(t, "period", span(o.Delivered.Period), "[2025-06-01 2025-07-01)")
		} else {
			o = w.settle(declined(o))
			check(t, "order", o.Status, subscription.OrderDeclined)
			check(t, "status", w.status(), subscription.Expired)
		}
	}
}

// A manual renewal that is paid after the retention period resumes service on the day of payment.
// Rule: late-renewal-starts-today.
func TestRenewalByHandThatIsPaidLate(t *testing.T) {
	w := newWorld(t, setup{gateway: pendingFrom("2025-04-01")})
	w.must(buy("call", "one-to-one"))
	w.must(subscription.AutoRenew{Product: "call"})
	w.run("2025-04-02T23:00:00Z")
	if _, err := w.do(renew(1)); err == nil {
		t.Fatal("the renewal isn't pending")
	}
	w.run("2025-04-05T12:00:00Z")
	o, _ := w.stored().Blocking("call-1")
	o = w.settle(paid(o))
	check(t, "order", o.Status, subscription.OrderPaid)
	check(t, "period", span(o.Delivered.Period), "[2025-04-05 2025-05-05)")
}
