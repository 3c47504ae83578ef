package simulation

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// This file simulates what only the seller's staff does: they give minutes, take over subscriptions from another system, have
// another account pay, and close and erase applications whose customers have left.

// What a staff action does.
const (
	anyDeed = iota // a gift, an import or another account
	closing
	erasing
)

// staffIntents are what the staff does for a customer who stays.
func staffIntents() []intent { return []intent{gift, bring, bring, anotherAccount} }

// staffPlan returns when the staff acts. It draws from numbers of its own.
func (s *settings) staffPlan() []action {
	p := planner{rng: rand.New(rand.NewPCG(s.seed, 0x57aff)), length: s.length}
	for app := range s.applications {
		for at := p.between(day, 60*day); at < s.length; at += p.between(4*day, 80*day) {
			p.add(action{at: at, kind: staffActs, app: app})
		}
		if p.rng.IntN(5) > 0 {
			continue
		}
		// The customer leaves. What is unresolved keeps the application open, so it is tried again.
		at := p.between(s.length/4, s.length)
		for range 6 {
			p.add(action{at: at, kind: staffActs, app: app, which: closing})
			at += p.between(time.Hour, 9*day)
		}
		if p.rng.IntN(3) == 0 {
			continue
		}
		for range 3 {
			at += p.between(time.Hour, 30*day)
			p.add(action{at: at, kind: staffActs, app: app, which: erasing})
		}
	}
	return p.actions
}

// staff performs an action of the staff for the customer.
func (c *customer) staff(w *world, a action, rng *rand.Rand) {
	var cmd subscription.Command
	switch a.which {
	case closing:
		cmd = subscription.Close{}
	case erasing:
		if !w.erases {
			return
		}
		cmd = subscription.Erase{}
	default:
		cmd = staffIntents()[rng.IntN(len(staffIntents()))](w, c, rng)
	}
	c.request(w, &request{key: key(a), cmd: cmd, staff: true})
}

// gift gives minutes for one or more products.
func gift(_ *world, _ *customer, rng *rand.Rand) subscription.Command {
	products := []pricing.ProductID{"call", "live", "beauty"}
	first := rng.IntN(3)
	g := subscription.Gift{
		Products: products[first : first+1+rng.IntN(3-first)], Minutes: 1 + rng.Int64N(3000),
		Validity: pricing.Validity{Months: rng.IntN(4), ToMonthEnd: rng.IntN(2) == 0},
	}
	if g.Validity.Months == 0 {
		g.Validity.ToMonthEnd = true
	}
	return g
}

// bring imports a subscription, imports one again under another key, or one with other content.
func bring(w *world, c *customer, rng *rand.Rand) subscription.Command {
	if len(c.imports) > 0 && rng.IntN(2) == 0 {
		again := c.imports[rng.IntN(len(c.imports))]
		if rng.IntN(3) == 0 {
			again.Minutes++
			c.imports = append(c.imports, again)
		}
		return again
	}
	cat := w.catalog()
	product := []pricing.ProductID{"call", "live", "beauty", "beauty"}[rng.IntN(4)]
	versions := cat.Versions(product)
	v := versions[rng.IntN(len(versions))]
	if v.IsTrial() {
		return gift(w, c, rng)
	}
	terms := cat.Terms(product, v.ID)
	today := cat.Zone().DateOf(w.now)
	i := subscription.Import{
		Product: product, Version: v.ID, Term: terms[rng.IntN(len(terms))], Currency: "USD",
		Anchor: today - pricing.Date(rng.IntN(400)), Minutes: subscription.Quantity(rng.Int64N(2_000_000)),
		NoAutoRenew: rng.IntN(4) == 0, Source: "an older system",
	}
	anchor := pricing.Anchor{Date: i.Anchor, Term: i.Term}
	if n, err := anchor.IndexOf(today); err == nil {
		if days, err := anchor.Days(n + rng.IntN(3)); err == nil {
			i.PaidUntil = days.Until
		}
	}
	switch rng.IntN(4) {
	case 0: // the older system counts in another way
		i.PaidUntil = today + 1 + pricing.Date(rng.IntN(28))
	case 1:
		i.Paid = minor(int64(rng.IntN(30000)), zeroUSD())
	}
	if rng.IntN(5) == 0 {
		i.Minutes = 0
	}
	c.imports = append(c.imports, i)
	return i
}

func zeroUSD() pricing.Money {
	m, _ := pricing.FromMinor(0, "USD")
	return m
}

// anotherAccount has one of the world's accounts pay from now on.
func anotherAccount(w *world, _ *customer, rng *rand.Rand) subscription.Command {
	return subscription.ChangeAccount{Account: w.customers[rng.IntN(len(w.customers))].account}
}

// payer returns the account that pays for the application now.
func (c *customer) payer(w *world) string {
	if a := w.store.states[c.id].Account; a != "" {
		return string(a)
	}
	return string(c.account)
}

// on returns the service on whose behalf a request is sent: anybody of the staff sends a staff's request, and says who and
// why in their own words.
func (r *request) on(w *world, s *subscription.Service) *subscription.Service {
	if !r.staff {
		return s
	}
	n := mix(w.seed, uint64(r.asked), r.key)
	who := audit.Actor{By: []string{"ann", "bob"}[n%2], Why: []string{"as agreed", "ticket 7", ""}[n/2%3]}
	r.actors = append(r.actors, who)
	return s.As(who.By, who.Why)
}

// judgeStaff checks an answer to the staff, and counts it.
func (c *customer) judgeStaff(w *world, r *request, receipt subscription.Receipt, err error) {
	f := &w.figures
	_, imports := r.cmd.(subscription.Import)
	switch {
	case imports && errors.Is(err, subscription.ErrAlreadySubscribed):
		f.ImportsRefused++
		if by := c.brought(r, false); by != "" {
			w.violatef("import", c.id, "%s imports what %s imported: %v", r.key, by, err)
		}
	case imports && err == nil && receipt.Key == "":
		f.ImportsAgain++
		if c.brought(r, true) == "" {
			w.violatef("import", c.id, "%s imports nothing, though nothing like it was imported", r.key)
		}
	}
}

// brought returns the key of another request that has imported the same content, or "". maybe counts those whose outcome
// isn't known.
func (c *customer) brought(r *request, maybe bool) string {
	for _, other := range c.requests {
		if other != r && other.cmd == r.cmd && (other.receipt != nil || maybe && other.unsure()) {
			return other.key
		}
	}
	return ""
}

// unsure reports whether a request may have taken effect though no answer says so.
func (r *request) unsure() bool { return r.asked > 0 && (!r.final || r.untold || r.lost != nil) }

// erased reports whether an application was erased, so that its account is no longer known.
func (w *world) erased(id subscription.ApplicationID) bool {
	app := w.store.states[id]
	return !app.ErasedAt.IsZero()
}

// collection returns what the gateway collected for an order, and reports whether it did.
func (w *world) collection(o *subscription.Order) (paymenttest.Collection, bool) {
	all := w.gateway.Collected()
	i := slices.IndexFunc(all, func(c paymenttest.Collection) bool { return c.Charge.Key == string(o.Attempt) })
	if i < 0 {
		return paymenttest.Collection{}, false
	}
	return all[i], true
}

// paidByAnother reports whether another account paid an order that delivered nothing than the one that it names: the store was
// restored to before it was placed, and the application moved before it was placed again. The gateway returns nothing to that
// account.
func (w *world) paidByAnother(o *subscription.Order) bool {
	c, paid := w.collection(o)
	return paid && o.Status != subscription.OrderPaid && c.Charge.Account != string(o.Account)
}

// unbooked reports whether less is left of an order at the gateway than on the books, because some of it was returned by hand and
// that got no answer.
func unbooked(c paymenttest.Collection, o *subscription.Order) bool {
	less, err := left(c).Cmp(o.Left())
	return err == nil && less < 0 && c.Refunded.Sign() > 0
}

// returnByHand returns what is left of an order in the gateway's console, where the payer is known, and reports whether it
// is returned.
func (w *world) returnByHand(o *subscription.Order) bool {
	c, paid := w.collection(o)
	if !paid {
		return false
	}
	if less, err := left(c).Cmp(o.Left()); err == nil && less < 0 {
		return unbooked(c, o)
	}
	return w.giveBack(*o, c.Charge.Account, o.Left())
}

// leaves reports whether an error is due to the application being closed, which it must be.
func (c *customer) leaves(w *world, err error) bool {
	return errors.Is(err, subscription.ErrClosed) && !w.store.states[c.id].ClosedAt.IsZero()
}
