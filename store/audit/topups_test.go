package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// A hard decline of an automatic order that comes after the customer has acted stops nothing, so the next order isn't a finding:
// the customer has reported another payment method, or has paid by hand.
// Rule: audit-finds-only-what-is-wrong.
func TestLateHardDecline(t *testing.T) {
	for name, act := range map[string]subscription.Command{
		"another payment method": subscription.PaymentMethodChanged{},
		"paid by hand":           topup.Buy{Pack: "call-50", Currency: "USD", Quantity: 1, Agreement: testworld.Agreement},
	} {
		t.Run(name, func(t *testing.T) {
			status := payment.Pending
			gate := &testworld.Gateway{Gateway: balance.New(nil), OnCharge: func(_ context.Context, c payment.Charge) (payment.Result, error) {
				r := payment.Result{Key: c.Key, Status: status}
				if status == payment.Succeeded {
					r.Amount = c.Amount
				}
				return r, nil
			}}
			st := memory.New()
			w := newWorld(t, st, gate, testworld.Catalog(t, "../../subscription/testdata/minutes.json"))
			worker, err := renewal.NewWorker(w.Service, st, nil)
			check(err)
			automatic := func() (all []subscription.Order) {
				for o, err := range st.Orders(t.Context(), "app") {
					check(err)
					if _, tops := o.AutoTopUp(); tops {
						all = append(all, o)
					}
				}
				return all
			}
			work := func() {
				_, err := worker.Once(t.Context())
				check(err)
			}
			w.do(subscription.SetAutoTopUp{
				Product: "call", Pack: "call-50", Currency: "USD", Below: subscription.Minutes(200), PerPeriod: 3, Agreement: testworld.Agreement,
			})
			work()
			placed := automatic()
			status = payment.Succeeded
			w.now = w.now.Add(time.Hour)
			w.do(act)
			declined := payment.Result{Key: string(placed[0].Attempt), Status: payment.Declined, Reason: payment.Suspected}
			_, err = w.Settle(t.Context(), placed[0].Attempt, declined)
			check(err)
			w.now = w.now.Add(time.Hour)
			work()
			if n := len(automatic()); n < 2 {
				t.Fatalf("%d automatic orders, want another one after the decline", n)
			}
			for _, f := range findings(t, st, nil) {
				t.Error(f)
			}
		})
	}
}
