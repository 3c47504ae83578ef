package simulation

import (
	"math/big"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// weights are how many thousandths of a package minute a minute takes; 0 is a kind that packages don't cover.
func weights() map[pricing.KindID]subscription.Quantity {
	return map[pricing.KindID]subscription.Quantity{"audio": 500, "hd": 1000, "4k": 4000, "recording": 0}
}

// lateTime is how long after its end a day takes usage.
const lateTime = 24 * time.Hour

// auditUsage adds up the records that customers know to be counted, by themselves, and compares them with what
// lots gave and what was billed: of each kind and day the seconds' sum, rounded up to minutes and weighed, is
// what was taken from lots and what orders collected, or what is still owed.
func (w *world) auditUsage(c *customer, b *book) {
	seconds := map[usedOn]int64{}
	stored := w.store.counted[c.id]
	for _, r := range c.records {
		on, counted := stored.on[r.usage.ID]
		if r.counted != counted {
			w.violatef("usage", c.id, "record %s was counted: %t, and by the changes: %t", r.usage.ID, r.counted, counted)
		}
		if !counted {
			continue
		}
		w.figures.Counted++
		if w.dateOf(r.usage.At, b.zone()) != on {
			w.violatef("usage", c.id, "record %s of %s is counted on %s", r.usage.ID, r.usage.At, on)
		}
		seconds[usedOn{r.usage.Product, r.usage.Kind, on}] += r.usage.Seconds
	}
	if len(stored.on) > len(c.records) {
		w.violatef("usage", c.id, "%d records are counted, and %d were sent", len(stored.on), len(c.records))
	}
	type kindDay struct {
		kind pricing.KindID
		day  pricing.Date
	}
	owed := map[kindDay]subscription.Quantity{} // used, less what lots gave
	for k, s := range seconds {
		weight, covered := weights()[k.kind]
		t := b.ledger.taken[k]
		if !covered || s < 1 || weight == 0 && t != (taken{}) {
			w.violatef("usage", c.id, "%d seconds of %s are counted, and took %+v", s, k.kind, t)
		}
		minutes := (s + 59) / 60
		if weight == 0 {
			weight = 1000
		}
		owed[kindDay{k.kind, k.day}] += (subscription.Minutes(minutes)-t.free)*weight/1000 - t.paid
	}
	for k, t := range b.ledger.taken {
		if seconds[k] == 0 {
			w.violatef("usage", c.id, "%+v were taken for %+v, of which nothing is counted", t, k)
		}
	}
	for _, o := range b.orders {
		bill := billOf(o)
		if bill == nil {
			continue
		}
		w.auditBill(b, &o, bill)
		for _, l := range o.Lines {
			if o.Status == subscription.OrderPaid {
				owed[kindDay{pricing.KindID(l.Item), bill.Day}] -= excess(l)
			}
		}
	}
	for _, x := range b.document.Counters {
		owed[kindDay{x.Kind, x.Day}] -= x.Excess
	}
	for k, off := range owed {
		if off != 0 {
			w.violatef("usage", c.id, "%s minutes of %s on %s are neither from lots nor billed", off, k.kind, k.day)
		}
	}
}

// excess returns the package minutes that a line of a bill is for.
func excess(l pricing.Line) subscription.Quantity {
	weight := weights()[pricing.KindID(l.Item)]
	if weight == 0 {
		weight = 1000
	}
	return subscription.Quantity(l.Times.Num * 1000 * int64(weight) / l.Times.Den)
}

// auditBill checks that a bill is of a day that was closed, in pay-as-you-go mode, and adds up to its amount.
func (w *world) auditBill(b *book, o *subscription.Order, bill *subscription.Bill) {
	if o.Kind != subscription.UsageOrder || o.Amount.Currency() != b.payg || len(o.Deliveries) != 1 {
		w.violatef("usage", b.id, "order %s of %s bills usage, pay-as-you-go is %q", o.ID, o.Amount, b.payg)
	}
	ends := time.Date(1970, 1, 1+int(bill.Day)+1, 0, 0, 0, 0, b.zone()).Add(lateTime)
	if bill.Day != w.dateOf(ends.Add(-lateTime-time.Hour), b.zone()) || o.PlacedAt.Before(ends) {
		w.violatef("usage", b.id, "order %s bills %s at %s", o.ID, bill.Day, o.PlacedAt)
	}
	sum := new(big.Rat)
	for _, l := range o.Lines {
		unit, ok := new(big.Rat).SetString(l.Unit.String())
		if !ok {
			w.violatef("simulation", b.id, "the price %s", l.Unit)
			return
		}
		sum.Add(sum, unit.Mul(unit, big.NewRat(l.Times.Num, l.Times.Den)))
	}
	places := 2
	if b.payg == "JPY" {
		places = 0
	}
	if want := sum.FloatString(places) + " " + string(b.payg); want != o.Amount.String() {
		w.violatef("usage", b.id, "order %s costs %s, its lines come to %s", o.ID, o.Amount, want)
	}
}

// dateOf returns the day of an instant, by the standard library.
func (w *world) dateOf(t time.Time, loc *time.Location) pricing.Date {
	t = t.In(loc)
	return pricing.Date(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

func billOf(o subscription.Order) *subscription.Bill {
	for _, d := range o.Deliveries {
		if d.Bill != nil {
			return d.Bill
		}
	}
	return nil
}

// auditGivenBack checks that a package that was given back took nothing along: its minutes are back whole, none
// of them was ever used, it is within its days, and so is its money, see [world.auditMoney]; and that what was
// paid once goes back in no other way.
func (w *world) auditGivenBack(b *book) {
	returned := map[subscription.OrderID]bool{}
	for _, id := range b.opened {
		h := b.held[id]
		if h.status != subscription.Refunded {
			continue
		}
		returned[h.opening] = true
		for _, lot := range h.lots {
			if a := b.ledger.lots[lot]; a.back != a.granted {
				w.violatef("given back", b.id, "%s is given back, and lot %d is %+v", id, lot, *a)
			}
		}
		if o := b.rows[h.opening]; o.Amount.Sign() > 0 && o.Status != subscription.OrderRefunded || len(h.paid) != 1 {
			w.violatef("given back", b.id, "%s is given back, of %d periods, and order %s is %s", id, len(h.paid), o.ID, o.Status)
		}
	}
	for id := range b.paidAt {
		if o := b.rows[id]; o.Status != subscription.OrderPaid && !returned[id] {
			w.violatef("given back", b.id, "order %s was paid, and is %s", id, o.Status)
		}
	}
	for id, a := range b.ledger.lots {
		if a.back > 0 && !returned[a.order] {
			w.violatef("given back", b.id, "%s minutes of lot %d went back, and order %q didn't", a.back, id, a.order)
		}
	}
}
