package simulation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// audit checks, once the world is at rest, what the library promised. The books that it reads are those of
// the store; what it compares them with it knows by itself.
func (w *world) audit() {
	w.store.sound()
	books := map[subscription.ApplicationID]*book{}
	for _, c := range w.customers {
		if w.store.states[c.id].Revision == 0 {
			continue
		}
		b, err := w.open(c.id)
		if err != nil {
			w.violatef("store", c.id, "%v", err)
			return
		}
		books[c.id] = b
		b.replay()
		b.compare()
		w.auditRest(b)
		w.auditOrders(b)
		w.auditQuotes(c, b)
		w.auditUsage(c, b)
		w.auditGivenBack(b)
	}
	w.auditMoney(books)
	if w.store.failed != nil {
		w.violatef("store", "", "%v", w.store.failed)
	}
}

// open reads the books of an application.
func (w *world) open(id subscription.ApplicationID) (*book, error) {
	ctx := context.Background()
	b := &book{
		world: w, id: id, rows: map[subscription.OrderID]subscription.Order{}, ledger: newLedger(),
		status: map[subscription.OrderID]subscription.OrderStatus{}, paidAt: map[subscription.OrderID]time.Time{},
		declined: map[subscription.SubscriptionID]int64{}, held: map[subscription.SubscriptionID]*held{},
		minutes: minutes{
			lots: map[subscription.LotID]bool{}, open: map[string]bool{}, topUps: map[subscription.OrderID]int{},
			used: map[int64]subscription.Quantity{},
		},
	}
	snapshots, err := w.store.Load(ctx, subscription.Read{Application: id})
	if err != nil {
		return nil, err
	}
	b.document = snapshots[0].Application
	st := store.Store(w.store)
	for o, err := range st.Orders(ctx, id) {
		if err != nil {
			return nil, err
		}
		b.orders = append(b.orders, o)
		b.rows[o.ID] = o
	}
	for e, err := range st.Entries(ctx, id) {
		if err != nil {
			return nil, err
		}
		b.enter(&e)
	}
	for e, err := range st.Events(ctx, id) {
		if err != nil {
			return nil, err
		}
		b.events = append(b.events, e)
	}
	return b, nil
}

// auditRest checks that nothing is left to be done.
func (w *world) auditRest(b *book) {
	app := b.document
	for _, o := range app.Orders {
		w.violatef("unresolved", b.id, "order %s is %s at the end: %s", o.ID, o.Status, o.Note)
	}
	if due := app.Due; !due.IsZero() && due.Before(w.now.Add(-time.Hour)) {
		w.violatef("overdue", b.id, "due at %s, and it is %s", due.Format(time.RFC3339), w.now.Format(time.RFC3339))
	}
	advanced, err := subscription.Advance(app, w.catalog(), w.now.Add(-time.Hour))
	if err != nil || !advanced.IsZero() {
		w.violatef("overdue", b.id, "time has still something to do: %d events, %v", len(advanced.Events), err)
	}
	change, err := renewal.Decide(app, w.policy, w.catalog(), w.now.Add(-time.Hour))
	if err != nil || len(change.Events) > 0 {
		w.violatef("overdue", b.id, "the worker has still something to do: %d events, %v", len(change.Events), err)
	}
}

// auditOrders checks that what was paid was delivered, once, and that nothing else was.
func (w *world) auditOrders(b *book) {
	for _, o := range b.orders {
		if b.status[o.ID] != o.Status {
			w.violatef("replay", b.id, "order %s is %s, by its events %s", o.ID, o.Status, b.status[o.ID])
		}
		var periods, upgrades int
		for _, d := range o.Deliveries {
			if d.Extend != nil {
				periods += d.Extend.Count
			}
			if d.Raise != nil {
				upgrades++
			}
		}
		_, paid := b.paidAt[o.ID]
		if !paid {
			periods, upgrades = 0, 0
		}
		gotPeriods, gotUpgrades := 0, 0
		for _, e := range b.events {
			switch {
			case e.Order != o.ID:
			case e.Type == subscription.EventPeriodPaid:
				gotPeriods++
			case e.Type == subscription.EventUpgraded:
				gotUpgrades++
			}
		}
		if gotPeriods != periods || gotUpgrades != upgrades {
			w.violatef("delivery", b.id, "order %s (%s) delivered %d periods and %d upgrades, want %d and %d",
				o.ID, o.Status, gotPeriods, gotUpgrades, periods, upgrades)
		}
		if got := b.ledger.granted[o.ID]; !paid && len(got) > 0 || paid && grant(o) != nil && (len(got) != 1 || b.topUps[o.ID] != 1) {
			w.violatef("minutes", b.id, "order %s is %s and granted %d lots", o.ID, o.Status, len(got))
		}
	}
	for id := range b.ledger.granted {
		if _, ok := b.rows[id]; !ok && id != "" {
			w.violatef("minutes", b.id, "minutes are granted for order %q, which there isn't", id)
		}
	}
}

// auditQuotes checks that what was quoted is what was collected.
func (w *world) auditQuotes(c *customer, b *book) {
	for _, r := range c.requests {
		if r.quote == nil || r.receipt == nil {
			continue
		}
		o, ok := b.rows[r.receipt.OrderID]
		switch {
		case !ok:
			w.violatef("quote", c.id, "%s confirmed a quote, and there is no order %q", r.key, r.receipt.OrderID)
		case o.Amount != r.quote.Amount:
			w.violatef("quote", c.id, "order %s was quoted %s and is %s", o.ID, r.quote.Amount, o.Amount)
		case o.Status == subscription.OrderPaid && o.Amount.Sign() > 0:
			if got := w.collected(string(o.Attempt)); got != r.quote.Amount {
				w.violatef("quote", c.id, "order %s was quoted %s and %s was collected", o.ID, r.quote.Amount, got)
			}
		}
	}
	// What was answered is what is stored.
	for _, r := range c.requests {
		if r.receipt != nil && r.receipt.OrderID != "" {
			if _, ok := b.rows[r.receipt.OrderID]; !ok {
				w.violatef("receipt", c.id, "%s has the receipt of order %s, which there isn't", r.key, r.receipt.OrderID)
			}
		}
	}
}

// normal is a form in which equal documents are equal.
func normal(app subscription.Application) string {
	b, err := json.Marshal(app)
	return fmt.Sprintf("%s %v", b, err)
}

// samePeriod reports whether two periods are the same instants.
func samePeriod(a, b pricing.Period) bool { return a.Start.Equal(b.Start) && a.End.Equal(b.End) }
