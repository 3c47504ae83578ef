package modeltest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// sales returns the steps that add minutes, and the steps that let time pass.
func (m *machine) sales() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"purchase": m.purchase, "upgrade": m.upgrade, "top up": m.topUp, "give back": m.giveBack,
		"claim free minutes": m.claim, "pay as you go": m.payAsYouGo, "pay usage": m.payUsage,
		"repeat a request": m.repeat, "wait": m.wait, "wait long": m.waitLong,
	}
}

func (m *machine) purchase(t *rapid.T) {
	c := subscription.Purchase{Product: "call", Term: pricing.Months(1), Currency: "USD"}
	if c.Version = pick[pricing.VersionID](t, "version", "small", "small", "medium", "large", "lite"); c.Version == "lite" {
		c.Product = "live"
	}
	c.NoAutoRenew = rapid.Bool().Draw(t, "no auto-renewal")
	cents, refused := m.model.buy(c)
	receipts := m.do(t, c, refused)
	if refused == "" {
		m.cost(t, receipts, cents)
		s := m.model.subs[c.Product]
		s.order = [2]subscription.OrderID{receipts[0].Receipt.OrderID, receipts[1].Receipt.OrderID}
		m.model.subs[c.Product] = s
	}
}

func (m *machine) upgrade(t *rapid.T) {
	c := subscription.Upgrade{Product: "call", To: pick[pricing.VersionID](t, "to", "small", "medium", "large")}
	cents, refused := m.model.upgrade(c)
	receipts := m.do(t, c, refused)
	if refused == "" {
		m.cost(t, receipts, cents)
	}
}

func (m *machine) topUp(t *rapid.T) {
	c := topup.Buy{Pack: pick[pricing.PackID](t, "pack", "call-20", "call-20-long", "any-30", "custom"), Currency: "USD"}
	times, cents := int64(1), int64(500)
	switch c.Pack {
	case "call-20":
		c.Quantity = rapid.Int64Range(0, 3).Draw(t, "quantity")
		times = max(c.Quantity, 1)
		cents = 300 * times
	case "custom":
		times = 10 * rapid.Int64Range(1, 6).Draw(t, "tens of minutes")
		c.Minutes, cents = times, 10*times
	}
	m.model.topUp(c.Pack, times)
	m.cost(t, m.do(t, c, ""), cents)
}

func (m *machine) giveBack(t *rapid.T) {
	product := pick[pricing.ProductID](t, "product", "call", "live")
	s, ok := m.model.subs[product]
	if !ok {
		t.Skip("never bought")
	}
	refused := m.model.giveBack(product)
	m.keys++
	for i, w := range m.worlds {
		_, err := w.Do(m.ctx, m.app, subscription.ReturnPackage{Order: s.order[i]}, fmt.Sprintf("request %d", m.keys))
		why, _, failure := refusal(err)
		if failure != nil || why != refused {
			t.Fatalf("%s: refund %s: %v, the model has %q", w.name, s.order[i], err, refused)
		}
		if refused != "" {
			continue
		}
		if o, err := w.Collect(m.ctx, m.app, s.order[i]); err != nil || o.Status != subscription.OrderPaid || o.TakenBackAt.IsZero() {
			t.Fatalf("%s: refunded order %s is %s (%v), taken back at %s", w.name, o.ID, o.Status, err, o.TakenBackAt)
		} else if problem := m.notRefunded(w, o); problem != "" {
			t.Fatalf("%s: refunded order %s: %s", w.name, o.ID, problem)
		}
	}
}

// notRefunded returns what is wrong with an order whose money should have gone back in one refund, or "".
func (m *machine) notRefunded(w *world, o subscription.Order) string {
	refunds, err := w.Refunds(m.ctx, m.app, o.ID)
	if o.Amount.Sign() == 0 && err == nil && len(refunds) == 0 {
		return "" // there was no money
	}
	if err != nil || len(refunds) != 1 || o.Refunds != 1 {
		return fmt.Sprintf("%d refunds, and %d on record (%v)", len(refunds), o.Refunds, err)
	}
	r := refunds[0]
	if r.Kind != subscription.RefundRequested || r.Status != subscription.RefundMade || r.Key != string(o.Attempt)+"/refund" ||
		r.Amount != o.Collected || o.RefundedAmount != o.Collected || o.Left().Sign() != 0 {
		return fmt.Sprintf("%+v of %s, %s left", r, o.Collected, o.Left())
	}
	return ""
}

func (m *machine) claim(t *rapid.T) {
	c := subscription.ClaimFree{Free: pick[pricing.FreeGrantID](t, "free", "starter", "starter", "welcome")}
	m.do(t, c, m.model.claim(c.Free))
}

func (m *machine) payAsYouGo(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "really") > 0 {
		t.Skip("most applications stay prepaid")
	}
	refused := "exists"
	if m.model.paygo.IsZero() {
		refused, m.model.paygo = "", m.model.now
	}
	m.do(t, subscription.EnablePayAsYouGo{Currency: "USD"}, refused)
}

func (m *machine) payUsage(t *rapid.T) {
	cents, refused := m.model.bill()
	receipts := m.do(t, subscription.BillUsage{}, refused)
	if refused == "" {
		m.cost(t, receipts, cents)
	}
}

func (m *machine) repeat(t *rapid.T) {
	if m.last == nil {
		t.Skip("no request to repeat")
	}
	m.last(t)
}

func (m *machine) wait(t *rapid.T) {
	m.model.pass(m.model.now.Add(time.Duration(rapid.IntRange(1, 5*60).Draw(t, "minutes")) * time.Minute))
}

func (m *machine) waitLong(t *rapid.T) {
	hours := pick(t, "hours", 0, 12, 24, 31, 48, 7*24, 20*24, 31*24)
	if hours == 0 { // to the exact instant at which a day closes
		m.model.pass(m.model.closing(m.model.now))
		return
	}
	m.model.pass(m.model.now.Add(time.Duration(hours) * time.Hour))
}

// settled makes a change, so the effects of time are applied in the store.
func (m *machine) settled(t *rapid.T) {
	m.do(t, subscription.Accept{Agreement: accepted}, "")
	m.check(t)
	m.history(t)
}
