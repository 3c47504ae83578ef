package modeltest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// machine runs one application in two stores and in the model. Both stores get the same requests in the same order, but
// the second one gets usage in different batches.
type machine struct {
	ctx    context.Context //nolint:containedctx // of the test that the machine runs in
	app    subscription.ApplicationID
	model  *model
	worlds [2]*world
	keys   int
	ids    []string // of all records tried
	last   func(t *rapid.T)
	past   []moment
}

// world is a store and a service over it.
type world struct {
	*shop
	*subscription.Service
	name string
}

// moment is the state of the lots at an instant.
type moment struct {
	at   time.Time
	lots []lot
}

func newMachine(ctx context.Context, t *rapid.T, app subscription.ApplicationID, stores [2]store.Store) *machine {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatalf("modeltest: %v", err)
	}
	m := &machine{ctx: ctx, app: app, model: newModel(zone, opening())}
	m.model.takes = rapid.Bool().Draw(t, "takes what is left")
	for i, st := range stores {
		s, err := openShop(ctx, st, m.model.takes, func() time.Time { return m.model.now })
		if err != nil {
			t.Fatalf("modeltest: %v", err)
		}
		m.worlds[i] = &world{shop: s, Service: s.service(st), name: [2]string{"store", "store batched otherwise"}[i]}
	}
	m.do(t, subscription.Create{Account: payer}, "")
	m.do(t, subscription.Accept{Agreement: accepted}, "")
	m.last = nil
	return m
}

// do runs a command in both worlds with a new key. It fails unless the command is refused exactly as expected.
func (m *machine) do(t *rapid.T, cmd subscription.Command, refused string) [2]subscription.Outcome {
	return m.run(t, cmd, outcome{Refused: refused})
}

func (m *machine) run(t *rapid.T, cmd subscription.Command, want outcome) [2]subscription.Outcome {
	t.Helper()
	m.keys++
	key := fmt.Sprintf("request %d", m.keys)
	var receipts [2]subscription.Outcome
	for i, w := range m.worlds {
		receipt, err := w.Do(m.ctx, m.app, cmd, key)
		why, short, failure := refusal(err)
		if failure != nil {
			t.Fatalf("%s: %s: %v", w.name, cmd.Kind(), failure)
		}
		if got := (outcome{Refused: why, Short: short}); got != want {
			t.Fatalf("%s: %s %+v: %+v (%v), the model has %+v", w.name, cmd.Kind(), cmd, got, err, want)
		}
		receipts[i] = receipt
	}
	if want.Refused == "" {
		m.last = func(t *rapid.T) { m.again(t, cmd, key, receipts) }
	}
	return receipts
}

// again repeats an earlier request: it must return the same receipt and change nothing.
func (m *machine) again(t *rapid.T, cmd subscription.Command, key string, had [2]subscription.Outcome) {
	for i, w := range m.worlds {
		receipt, err := w.Do(m.ctx, m.app, cmd, key)
		if receipt.Receipt.Revision != had[i].Receipt.Revision || receipt.Receipt.OrderID != had[i].Receipt.OrderID {
			t.Fatalf("%s: %s repeated: revision %d and order %q (%v), originally %d and %q", w.name, cmd.Kind(),
				receipt.Receipt.Revision, receipt.Receipt.OrderID, err, had[i].Receipt.Revision, had[i].Receipt.OrderID)
		}
	}
}

// cost fails unless an order was paid at the expected amount.
func (m *machine) cost(t *rapid.T, receipts [2]subscription.Outcome, cents int64) {
	t.Helper()
	want, err := pricing.FromMinor(cents, "USD")
	if err != nil {
		t.Fatalf("modeltest: %v", err)
	}
	for i, w := range m.worlds {
		if o := receipts[i].Order; o.Amount != want || o.Status != subscription.OrderPaid {
			t.Fatalf("%s: order %s of %s is %s, want %s, paid", w.name, o.ID, o.Amount, o.Status, want)
		}
	}
}

// actions are the steps of the test by name; "" is the check after each.
func (m *machine) actions() map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){"": m.check}
	for _, more := range []map[string]func(*rapid.T){m.sales(), m.usage()} {
		maps.Copy(all, more)
	}
	return all
}

// pick draws one of the values. A value that is listed twice is drawn twice as often.
func pick[T any](t *rapid.T, label string, values ...T) T {
	return rapid.SampledFrom(slices.Clone(values)).Draw(t, label)
}
