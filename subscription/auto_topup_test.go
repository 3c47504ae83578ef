package subscription_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// topsUp is a command that turns on the automatic top-up of call, with a pack of 50 minutes for 6.00.
func topsUp(below int64, perPeriod int) subscription.SetAutoTopUp {
	return subscription.SetAutoTopUp{
		Product: "call", Pack: "call-50", Currency: "USD", Below: subscription.Minutes(below), PerPeriod: perPeriod, Agreement: agreement,
	}
}

// topUpNow has the application's automatic top-up do what is due, as a worker's round does, and returns the order that it
// placed.
func (w *world) topUpNow() subscription.Order {
	w.t.Helper()
	d := subscription.Begin(w.load(), w.now)
	w.ok(d.Advance(w.catalog))
	w.ok(d.TopUp("call", []time.Duration{time.Hour}, w.catalog))
	c := d.Change()
	if c.IsZero() {
		return subscription.Order{}
	}
	w.ok(c.CheckAt(w.stored(), w.now))
	w.ok(w.store.Commit(w.t.Context(), c))
	if len(c.Orders) == 0 {
		return subscription.Order{}
	}
	return c.Orders[0]
}

// Nothing is turned on that couldn't be bought, and nothing changes then.
// Rule: auto-top-up.
func TestSetAutoTopUpRefuses(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "minutes.json", `"id": "any-50"`, `"id": "old", "withdrawn": true`)})
	edit := func(do func(c *subscription.SetAutoTopUp)) subscription.SetAutoTopUp {
		c := topsUp(10, 2)
		do(&c)
		return c
	}
	for name, c := range map[string]struct {
		edit func(c *subscription.SetAutoTopUp)
		want error
	}{
		"another product":       {func(c *subscription.SetAutoTopUp) { c.Product = "chat" }, pricing.ErrUnknownProduct},
		"no product":            {func(c *subscription.SetAutoTopUp) { c.Product = "" }, pricing.ErrUnknownProduct},
		"another pack":          {func(c *subscription.SetAutoTopUp) { c.Pack = "call-51" }, pricing.ErrUnknownPack},
		"withdrawn":             {func(c *subscription.SetAutoTopUp) { c.Pack = "old" }, subscription.ErrNotOnSale},
		"for another product":   {func(c *subscription.SetAutoTopUp) { c.Product = "live" }, subscription.ErrInvalid},
		"another currency":      {func(c *subscription.SetAutoTopUp) { c.Currency = "EUR" }, pricing.ErrNoPrice},
		"no currency":           {func(c *subscription.SetAutoTopUp) { c.Currency = "" }, pricing.ErrNoPrice},
		"below nothing":         {func(c *subscription.SetAutoTopUp) { c.Below = 0 }, subscription.ErrInvalid},
		"below zero":            {func(c *subscription.SetAutoTopUp) { c.Below = -1 }, subscription.ErrInvalid},
		"below too much":        {func(c *subscription.SetAutoTopUp) { c.Below = subscription.Minutes(1_000_000_000_001) }, subscription.ErrInvalid},
		"a negative limit":      {func(c *subscription.SetAutoTopUp) { c.PerPeriod = -1 }, subscription.ErrInvalid},
		"too high a limit":      {func(c *subscription.SetAutoTopUp) { c.PerPeriod = 101 }, subscription.ErrInvalid},
		"a negative quantity":   {func(c *subscription.SetAutoTopUp) { c.Quantity = -1 }, pricing.ErrPackSize},
		"too many":              {func(c *subscription.SetAutoTopUp) { c.Quantity = pricing.MaxPackQuantity + 1 }, pricing.ErrPackSize},
		"minutes":               {func(c *subscription.SetAutoTopUp) { c.Minutes = 50 }, pricing.ErrPackSize},
		"custom without a size": {func(c *subscription.SetAutoTopUp) { c.Pack = "custom" }, pricing.ErrPackSize},
		"custom and a quantity": {func(c *subscription.SetAutoTopUp) { c.Pack, c.Minutes, c.Quantity = "custom", 1000, 1 }, pricing.ErrPackSize},
		"another agreement":     {func(c *subscription.SetAutoTopUp) { c.Agreement = "2024-01" }, subscription.ErrAgreementRequired},
		"no agreement":          {func(c *subscription.SetAutoTopUp) { c.Agreement = "" }, subscription.ErrAgreementRequired},
		"off, never on":         {func(c *subscription.SetAutoTopUp) { c.Off = true }, subscription.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.refuse(c.want, edit(c.edit))
		})
	}
	fresh := subscription.Snapshot{Application: subscription.Application{ID: "nobody"}}
	_, err := topsUp(10, 2).Decide(fresh, w.catalog, w.now)
	fails(t, err, subscription.ErrNotFound)
}

// What isn't given is one: one pack, once in a period. A custom pack has a size instead of a quantity.
// Rule: auto-top-up.
func TestSetAutoTopUp(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "minutes.json")})
	w.must(topsUp(10, 0))
	w.must(subscription.SetAutoTopUp{Product: "live", Pack: "any-50", Currency: "USD", Quantity: 3, Below: 500, PerPeriod: 100})
	w.must(subscription.SetAutoTopUp{Product: "call", Pack: "custom", Currency: "USD", Minutes: 2000, Below: subscription.Minutes(5)})
	w.must(subscription.SetAutoTopUp{Product: "live", Off: true})
	call, _ := w.stored().AutoTopUp("call")
	live, _ := w.stored().AutoTopUp("live")
	if want := (subscription.AutoTopUp{
		Product: "call", Pack: "custom", Currency: "USD", Minutes: 2000, Below: 5000, PerPeriod: 1, Agreement: agreement,
	}); call != want {
		t.Errorf("call: %+v, want %+v", call, want)
	}
	if want := (subscription.AutoTopUp{
		Product: "live", Pack: "any-50", Currency: "USD", Quantity: 3, Below: 500, PerPeriod: 100, Off: true, Agreement: agreement,
	}); live != want {
		t.Errorf("live: %+v, want %+v", live, want)
	}
	if _, known := w.stored().AutoTopUp("chat"); known {
		t.Error("chat has one, too")
	}
	// 2,000 × 0.99 / 1,000 = 1.98
	o := w.topUpNow()
	if o.Amount != money(t, "1.98 USD") || string(o.ID) != "t-"+fnv("call")+"-1" || o.Product != "call" {
		t.Errorf("order %s of %s for %s", o.ID, o.Amount, o.Product)
	}
	fails(t, w.decideTopUp("chat"), nil)
	fails(t, w.decideTopUp("live"), nil)
	var notes []string
	for _, e := range w.events() {
		if e.Type == subscription.EventAutoTopUpOn {
			notes = append(notes, fmt.Sprint(e.Product, " ", e.Quantity, ": ", e.Note))
		}
	}
	if got, want := fmt.Sprint(notes), "[call 10: 1 × call-50 in USD, at most 1 in a period "+
		"live 0.5: 3 × any-50 in USD, at most 100 in a period call 5: 2000 minutes of custom in USD, at most 1 in a period]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// fnv returns the part of an order's ID that stands for a product: 64-bit FNV-1a.
func fnv(product string) string {
	h := uint64(14695981039346656037)
	for _, b := range []byte(product) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return fmt.Sprintf("%016x", h)
}

func (w *world) decideTopUp(product pricing.ProductID) error {
	return subscription.Begin(w.load(), w.now).TopUp(product, nil, w.catalog)
}

// A new payer is another payment method. What a wrong clock counted counts on, and waits for nothing.
// Rule: auto-top-up-stops-after-a-hard-decline, reset-brings-back-what-is-paid.
func TestAutoTopUpOfAnotherAccountAndClock(t *testing.T) {
	w := newWorld(t, setup{gateway: pending, catalog: catalog(t, "minutes.json")})
	w.ok(w.accounts.Open(t.Context(), "other"))
	w.must(topsUp(10, 2))
	o := w.topUpNow()
	w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.Suspected})
	top, _ := w.stored().AutoTopUp("call")
	if top.Stopped != payment.Suspected || w.topUpNow().ID != "" {
		t.Errorf("stopped: %+v", top)
	}
	w.must(subscription.ChangeAccount{Account: "other"})
	w.at("2031-07-10T02:30:00Z")
	o = w.topUpNow()
	w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.TryLater})
	w.at("2025-07-11T02:30:00Z")
	w.must(subscription.ResetClock{Note: "a wrong clock"})
	top, _ = w.stored().AutoTopUp("call")
	if !top.Since.Equal(w.now) || !top.HeldUntil.Equal(w.now) {
		t.Errorf("after the reset: since %s, held until %s", top.Since, top.HeldUntil)
	}
	o = w.topUpNow()
	w.settle(paid(o))
	if top, _ = w.stored().AutoTopUp("call"); top.Bought != 1 || top.Number != 3 {
		t.Errorf("after the reset: %+v", top)
	}
}

// A hard decline that arrives after another payment method was reported stops nothing.
// Rule: auto-top-up-stops-after-a-hard-decline.
func TestALateHardDeclineOfAnAutoTopUp(t *testing.T) {
	w := newWorld(t, setup{gateway: pending, catalog: catalog(t, "minutes.json")})
	w.must(topsUp(10, 2))
	o := w.topUpNow()
	w.must(subscription.PaymentMethodChanged{})
	w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.Suspected})
	if top, _ := w.stored().AutoTopUp("call"); top.Stopped != "" {
		t.Errorf("stopped: %+v", top)
	}
}

// Usage that leaves too little makes the application due at once, and no other usage does.
// Rule: auto-top-up.
func TestUsageMakesAnAutoTopUpDue(t *testing.T) {
	w := newWorld(t, setup{gateway: pending, catalog: catalog(t, "minutes.json")})
	w.settle(paid(w.place(topUp("call-50"))))
	w.must(topsUp(10, 2))
	never := w.now.Add(1000 * time.Hour)
	w.ok(w.store.Commit(t.Context(), subscription.Reschedule(w.stored(), never)))
	use := func(id string, minutes int64) {
		t.Helper()
		r, err := w.Consume(t.Context(), app, subscription.Usage{ID: id, Product: "call", Kind: "audio", At: w.now, Seconds: 60 * minutes})
		w.ok(err)
		w.ok(r[0].Err)
	}
	due := func(want time.Time) {
		t.Helper()
		if got := w.stored().Due; !got.Equal(want) {
			t.Errorf("due %s, want %s", got, want)
		}
	}
	use("1", 40)
	due(never)
	w.at("2025-07-10T03:00:00Z")
	use("2", 1)
	due(w.now)
	// Reserved minutes aren't left.
	o := w.topUpNow()
	w.ok(w.store.Commit(t.Context(), subscription.Reschedule(w.stored(), never)))
	use("3", 1)
	due(never) // one is on its way
	w.settle(paid(o))
	w.must(subscription.Reserve{ID: "r", Product: "call", Usage: "audio", Minutes: 50, Until: w.now.Add(time.Hour)})
	if w.topUpNow().ID == "" {
		t.Error("nothing is ordered with 8 minutes left and 50 reserved")
	}
}

// Every change that concerns an automatic top-up passes Check. Each one, once tampered with, is refused.
// Rule: auto-top-up, auto-top-up-limit, auto-top-up-one-at-a-time, one-order-one-key.
func TestCheckOfAutoTopUps(t *testing.T) {
	w := newWorld(t, setup{gateway: pending, catalog: catalog(t, "minutes.json")})
	named := map[string]recorded{}
	name := func(s string) { named[s] = w.store.last() }
	w.must(topsUp(500, 3))
	name("on")
	o := w.topUpNow()
	name("placed")
	w.settle(paid(o))
	name("paid")
	w.must(subscription.Accept{Agreement: agreement})
	name("meanwhile")
	o = w.topUpNow()
	w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.Suspected})
	name("stopped")
	w.must(subscription.PaymentMethodChanged{})
	name("resumed")
	w.must(subscription.SetAutoTopUp{Product: "call", Off: true})
	name("off")
	untampered(t, named)
	first := func(c *subscription.Change) *subscription.AutoTopUp { return &c.Next.AutoTopUps[0] }
	for _, tt := range []struct {
		invariant int
		name, of  string
		doctor    func(c *subscription.Change, base *subscription.Application)
	}{
		{7, "on without an event", "on", func(c *subscription.Change, _ *subscription.Application) { silence(c, subscription.EventAutoTopUpOn) }},
		{7, "below nothing", "on", func(c *subscription.Change, _ *subscription.Application) { first(c).Below = 0 }},
		{7, "no limit", "on", func(c *subscription.Change, _ *subscription.Application) { first(c).PerPeriod = 0 }},
		{2, "twice", "on", func(c *subscription.Change, _ *subscription.Application) {
			c.Next.AutoTopUps = append(c.Next.AutoTopUps, *first(c))
		}},
		{7, "a larger pack", "meanwhile", func(c *subscription.Change, _ *subscription.Application) { first(c).Quantity = 9 }},
		{7, "another threshold", "meanwhile", func(c *subscription.Change, _ *subscription.Application) { first(c).Below++ }},
		{7, "another limit", "meanwhile", func(c *subscription.Change, _ *subscription.Application) { first(c).PerPeriod = 100 }},
		{7, "another agreement", "meanwhile", func(c *subscription.Change, _ *subscription.Application) { first(c).Agreement = "2030" }},
		{7, "off without an event", "meanwhile", func(c *subscription.Change, _ *subscription.Application) { first(c).Off = true }},
		{7, "on again without an event", "meanwhile", func(_ *subscription.Change, base *subscription.Application) { base.AutoTopUps[0].Off = true }},
		{7, "forgotten", "meanwhile", func(c *subscription.Change, _ *subscription.Application) { c.Next.AutoTopUps = nil }},
		{7, "the number starts again", "meanwhile", func(c *subscription.Change, _ *subscription.Application) { first(c).Number = 0 }},
		{7, "the number isn't counted", "placed", func(c *subscription.Change, _ *subscription.Application) { first(c).Number = 0 }},
		{7, "counted in an earlier period", "meanwhile", func(c *subscription.Change, _ *subscription.Application) {
			first(c).Since = first(c).Since.Add(-time.Hour)
		}},
		{7, "what was bought isn't counted", "paid", func(c *subscription.Change, _ *subscription.Application) { first(c).Bought = 0 }},
		{7, "what was bought is forgotten", "meanwhile", func(c *subscription.Change, _ *subscription.Application) { first(c).Bought = 0 }},
		{7, "beyond the limit", "placed", func(c *subscription.Change, base *subscription.Application) {
			base.AutoTopUps[0].Bought, first(c).Bought, base.AutoTopUps[0].Since = 3, 3, first(c).Since
		}},
		{7, "while there is enough", "placed", func(c *subscription.Change, base *subscription.Application) {
			base.AutoTopUps[0].Below, first(c).Below = 50_000, 50_000
			l := subscription.Lot{Source: subscription.FromTopUp, Products: []pricing.ProductID{"call"}, Granted: 50_000, Remaining: 50_000}
			l.ID, l.Period = 99, pricing.Period{Start: w.now.Add(-time.Hour * 1000), End: w.now.Add(time.Hour * 1000)}
			base.Lots, base.LastLot = []subscription.Lot{l}, 99
			c.Next.Lots, c.Next.LastLot = []subscription.Lot{l}, 99
		}},
		{7, "while it is off", "placed", func(c *subscription.Change, base *subscription.Application) {
			base.AutoTopUps[0].Off, first(c).Off = true, true
		}},
		{7, "while it is stopped", "placed", func(c *subscription.Change, base *subscription.Application) {
			base.AutoTopUps[0].Stopped, first(c).Stopped = payment.Suspected, payment.Suspected
		}},
		{7, "without one", "placed", func(c *subscription.Change, base *subscription.Application) {
			base.AutoTopUps, c.Next.AutoTopUps = nil, nil
		}},
		{7, "under an agreement that wasn't accepted", "placed", func(c *subscription.Change, base *subscription.Application) {
			base.Accepted.Agreement, c.Next.Accepted.Agreement = "2024", "2024"
		}},
		{7, "for a customer who is present", "placed", func(c *subscription.Change, _ *subscription.Application) {
			c.Orders[0].Present, c.Next.Orders[0].Present = true, true
		}},
		{2, "beside another", "placed", func(c *subscription.Change, base *subscription.Application) {
			other := c.Orders[0].Clone()
			other.ID, other.Attempt = "t-"+subscription.OrderID(fnv("call"))+"-9", "x/"+subscription.AttemptID(app)+"/t-"+subscription.AttemptID(fnv("call"))+"-9"
			base.Orders = []subscription.Order{other}
			c.Next.Orders = append([]subscription.Order{other}, c.Next.Orders...)
		}},
		{7, "stops without an event", "stopped", func(c *subscription.Change, _ *subscription.Application) {
			silence(c, subscription.EventAutoTopUpStopped)
		}},
		{7, "goes on without a reason", "resumed", func(c *subscription.Change, _ *subscription.Application) {
			silence(c, subscription.EventPaymentMethod)
		}},
		{7, "turned off without an event", "off", func(c *subscription.Change, _ *subscription.Application) {
			silence(c, subscription.EventAutoTopUpOff)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, base := named[tt.of].change.Clone(), named[tt.of].base.Clone()
			tt.doctor(&c, &base)
			err := c.Check(base)
			if !errors.Is(err, subscription.ErrInvariant) || !strings.Contains(err.Error(), "invariant broken: "+strconv.Itoa(tt.invariant)+":") {
				t.Errorf("Check = %v, want ErrInvariant %d", err, tt.invariant)
			}
		})
	}
}

// A command of a host's own can't place the order of an automatic top-up that there isn't, or out of turn.
// Rule: one-order-one-key.
func TestPlaceLikeAnAutoTopUp(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "minutes.json")})
	price, _, err := w.catalog.PricePack("call-50", 1, "USD")
	w.ok(err)
	place := func(id subscription.OrderID) error {
		d := subscription.Begin(w.load(), w.now)
		_, err := d.Place(subscription.Order{ID: id, Kind: subscription.TopUpOrder, Product: "call"}, price, w.catalog)
		return err
	}
	fails(t, place("t-1"), subscription.ErrInvalid)
	w.must(topsUp(10, 2))
	fails(t, place("t-"+subscription.OrderID(fnv("call"))+"-2"), subscription.ErrInvalid)
}

// overnight is a command of a host's own that does what a worker does for automatic top-ups.
type overnight struct{}

func (overnight) Kind() string { return "overnight" }

func (overnight) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	d := subscription.Begin(s, now)
	err := d.TopUp("call", nil, cat)
	return d.Change(), err
}

// An automatic top-up is ordered as by a worker, without the customer, whoever asks for it.
// Rule: auto-top-up.
func TestAutoTopUpWithinARequest(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "minutes.json")})
	w.must(topsUp(10, 2))
	o := w.must(overnight{}).Order
	if product, automatic := o.AutoTopUp(); !automatic || product != "call" || o.Present || o.Status != subscription.OrderPaid {
		t.Errorf("order %+v", o)
	}
	fails(t, func() error { _, err := w.do(overnight{}); return err }(), nil) // there is enough
}
