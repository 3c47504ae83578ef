package modeltest

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// check is the invariant: both worlds match the model.
func (m *machine) check(t *rapid.T) {
	for i := range m.model.lots {
		if l := &m.model.lots[i]; !l.whole() {
			t.Fatalf("modeltest: the model's lot %d doesn't add up: %+v", i+1, *l)
		}
	}
	for _, w := range m.worlds {
		if err := m.compare(w); err != nil {
			t.Fatalf("%s, %s: %v", w.name, m.model.now, err)
		}
	}
	m.past = append(m.past, moment{m.model.now, slices.Clone(m.model.lots)})
}

// compare compares a world with the model.
func (m *machine) compare(w *world) error {
	now, err := w.Application(m.ctx, m.app)
	if err != nil {
		return err
	}
	stored, err := w.store.Load(m.ctx, subscription.Read{Application: m.app})
	if err != nil {
		return err
	}
	l, err := readLedger(w.store.Entries(m.ctx, m.app))
	if err != nil {
		return err
	}
	if err := l.agrees(stored[0].Application); err != nil {
		return err
	}
	for _, compare := range []func(subscription.Application) error{m.lots, m.counters, m.reservations, m.subscriptions} {
		if err := compare(now); err != nil {
			return err
		}
	}
	if !maps.Equal(l.taken, m.model.taken) {
		return fmt.Errorf("the entries take %v, the model takes %v", l.taken, m.model.taken)
	}
	return nil
}

// lots checks that the document's lots are those that the model has open, and that the spendable minutes are their sum.
func (m *machine) lots(a subscription.Application) error {
	open := map[subscription.LotID]*lot{}
	for i := range m.model.lots {
		if l := &m.model.lots[i]; !l.closed {
			open[subscription.LotID(i+1)] = l
		}
	}
	for _, got := range a.Lots {
		want := open[got.ID]
		if want == nil {
			return fmt.Errorf("lot %d was closed in the model or never existed: %+v", got.ID, got)
		}
		if standingOf(got.Balance()) != want.standing() {
			return fmt.Errorf("lot %d is %+v, the model has %+v", got.ID, standingOf(got.Balance()), want.standing())
		}
		if got.Source != want.source || !slices.Equal(got.Products, want.products) || !got.GrantedAt.Equal(want.at) ||
			!got.Period.Start.Equal(want.start) || !got.Period.End.Equal(want.end) {
			return fmt.Errorf("lot %d: %+v, the model has %+v", got.ID, got, *want)
		}
		delete(open, got.ID)
	}
	for id, l := range open {
		if l.sub == "" && l.left == 0 && l.held == 0 {
			continue // it may have made room for another
		}
		return fmt.Errorf("lot %d is missing: %+v", id, *l)
	}
	for _, product := range []pricing.ProductID{"call", "live"} {
		if got, want := int64(a.Minutes(product, m.model.now)), m.model.minutes(product); got != want {
			return fmt.Errorf("%d thousandths of a minute for %s, the model has %d", got, product, want)
		}
	}
	return nil
}

// counters checks that the document's counters match the model's, and that no counter that is still needed is missing.
func (m *machine) counters(a subscription.Application) error {
	for _, want := range m.model.counters {
		i := slices.IndexFunc(a.Counters, func(c subscription.UsageCounter) bool {
			return c.Product == want.product && c.Kind == want.kind && c.Day.String() == want.day
		})
		switch {
		case i < 0 && (want.excess > 0 || m.model.now.Before(want.closes)):
			return fmt.Errorf("no counter, the model has %+v", want)
		case i >= 0 && (a.Counters[i].Seconds != want.seconds || int64(a.Counters[i].Excess) != want.excess ||
			int64(a.Counters[i].Forgiven) != want.forgiven || int64(a.Counters[i].Paid) != want.paid ||
			int64(a.Counters[i].Free) != want.free || !a.Counters[i].Until.Equal(want.until)):
			return fmt.Errorf("counter %+v, the model has %+v", a.Counters[i], want)
		}
	}
	if len(a.Counters) > len(m.model.counters) {
		return fmt.Errorf("%d counters, the model has %d", len(a.Counters), len(m.model.counters))
	}
	return nil
}

func (m *machine) reservations(a subscription.Application) error {
	if len(a.Reservations) != len(m.model.held) {
		return fmt.Errorf("%d reservations, the model has %d", len(a.Reservations), len(m.model.held))
	}
	for _, r := range a.Reservations {
		i := m.model.holding(r.ID)
		if i < 0 {
			return fmt.Errorf("reservation %s doesn't exist in the model", r.ID)
		}
		want, parts := m.model.held[i], map[int]int64{}
		for _, p := range r.Parts {
			parts[int(p.Lot)-1] += int64(p.Quantity)
		}
		if r.Product != want.product || r.Kind != want.kind || r.Minutes != want.minutes || !r.Until.Equal(want.until) ||
			!maps.Equal(parts, want.parts) {
			return fmt.Errorf("reservation %+v, the model has %+v", r, want)
		}
	}
	return nil
}

func (m *machine) subscriptions(a subscription.Application) error {
	if len(a.Subscriptions) != len(m.model.subs) {
		return fmt.Errorf("%d subscriptions, the model has %d", len(a.Subscriptions), len(m.model.subs))
	}
	for _, s := range a.Subscriptions {
		want := m.model.subs[s.Product]
		if s.Status != m.model.status(want) || s.Version() != want.version || !s.End().Equal(want.end) {
			return fmt.Errorf("subscription %s to %s is %s until %s, the model has %s, %+v",
				s.ID, s.Version(), s.Status, s.End(), m.model.status(want), want)
		}
	}
	return nil
}
