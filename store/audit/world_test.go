package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// world is a service with one application, "app", and a clock that the test sets.
type world struct {
	*subscription.Service

	t   *testing.T
	now time.Time
	n   int // of requests
}

func newWorld(t *testing.T, st store.Store, gate payment.Gateway, cat *pricing.Catalog) *world {
	t.Helper()
	w := &world{t: t, now: noon()}
	var err error
	w.Service, err = subscription.NewService(st, gate, subscription.StaticCatalog(cat), &subscription.Options{
		Now: func() time.Time { return w.now },
	})
	check(err)
	w.do(subscription.Create{Account: "acme"})
	return w
}

// ask sends a request under a key of its own.
func (w *world) ask(c subscription.Command) (subscription.Order, error) {
	w.n++
	out, err := w.Do(w.t.Context(), "app", c, fmt.Sprint("k-", w.n))
	return out.Order, err
}

// do sends a request that must be accepted.
func (w *world) do(c subscription.Command) subscription.Order {
	w.t.Helper()
	o, err := w.ask(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}
