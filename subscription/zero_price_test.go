package subscription_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// A free upgrade is delivered when it is placed, even if nothing was read since the period began, and the old version
// grants no minutes in that period.
// Rule: zero-price-needs-no-gateway.
func TestFreeUpgradeAsThePeriodBegins(t *testing.T) {
	free := catalog(t, "catalog.json", `"minutes": 100000, "list": {"USD": "199.00"}`, `"minutes": 0, "list": {"USD": "199.00"}`,
		`"minutes": 300000, "list": {"USD": "597.00"}`, `"minutes": 300000, "list": {"USD": "199.00"}`)
	w := newWorld(t, setup{catalog: free})
	w.must(once("call", "one-to-one"))
	w.must(prepay{Product: "call", Cycles: 1})
	w.at("2025-08-10T12:00:00Z")
	r := w.must(upgrade("group-call"))
	check(t, "order", r.Order.Status, subscription.OrderPaid)
	check(t, "version", w.latest("call").Version(), "group-call")
	check(t, "minutes", w.application().Minutes("call", w.now).String(), "300000")
}
