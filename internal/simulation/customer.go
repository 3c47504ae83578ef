package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// customer acts for one application. What it knows survives the crashes of processes.
type customer struct {
	index    int
	id       subscription.ApplicationID
	account  subscription.AccountID
	bound    bool // has a payment method
	requests []*request
	quoted   *request // to be confirmed
	records  []*record
	imports  []subscription.Import // that the staff asked for
	record   map[string]*record    // by ID
}

// request is a request with a key, and what is known about it.
type request struct {
	key     string
	cmd     subscription.Command
	quote   *subscription.Quote
	asked   int
	final   bool                  // needn't be repeated
	untold  bool                  // the last time, there was no answer
	receipt *subscription.Receipt // the first one
	lost    *subscription.Receipt // that a restored store doesn't have
	staff   bool                  // sent by the staff
	actors  []audit.Actor         // who sent it
}

func applicationID(i int) subscription.ApplicationID {
	return subscription.ApplicationID(fmt.Sprintf("app-%02d", i))
}

func newCustomer(i int) *customer {
	payer := i
	if i%3 == 2 {
		payer = i - 1 // shares its neighbor's account
	}
	return &customer{
		index: i, id: applicationID(i), account: subscription.AccountID(fmt.Sprintf("account-%02d", payer)), record: map[string]*record{},
	}
}

// act performs an action.
func (c *customer) act(w *world, a action) {
	rng := rand.New(rand.NewPCG(a.seed, 1))
	switch a.kind {
	case createApplication:
		c.request(w, &request{key: key(a), cmd: subscription.Create{Account: c.account}})
	case makeRequest:
		i := a.which - 1
		if i < 0 {
			i = rng.IntN(len(intents()))
		}
		cmd := intents()[i](w, c, rng)
		switch {
		case cmd == nil:
		case rng.IntN(3) == 0:
			c.ask(w, &request{key: key(a), cmd: cmd})
		default:
			c.request(w, &request{key: key(a), cmd: cmd})
		}
	case repeatRequest:
		c.repeat(w, rng)
	case confirmQuote:
		if r := c.quoted; r != nil {
			c.quoted = nil
			c.request(w, r)
		} else if cmd := intents()[rng.IntN(4)](w, c, rng); cmd != nil {
			c.ask(w, &request{key: key(a), cmd: cmd})
		}
	case depositMoney:
		if err := w.deposit(c, key(a), int64(100*(1+rng.IntN(1500)))); err != nil {
			w.violatef("simulation", c.id, "%v", err)
		}
	case switchMethod:
		if c.bound = rng.IntN(4) != 0; w.accounts.SetPaymentMethod(context.Background(), c.payer(w), c.bound) != nil {
			w.violatef("simulation", c.id, "no account")
		}
	case useMinutes:
		c.use(w, key(a), rng)
	case sendAgain:
		c.again(w, rng)
	case refundMoney:
		if cmd := refundOrder(w, c, rng); cmd != nil {
			c.request(w, &request{key: key(a), cmd: cmd, staff: true})
		}
	case staffActs:
		c.staff(w, a, rng)
	case work, deliverMail, changeCatalog, operate, stepClock, setClock, restoreBackup, tell, reverseMoney:
	}
}

func key(a action) string { return fmt.Sprintf("key-%x", a.seed) }

// ask requests a quote and confirms it at once or later.
func (c *customer) ask(w *world, r *request) {
	p := free(w.services, len(r.key))
	if p == nil {
		return
	}
	p.run(func() {
		quote, err := p.service.Quote(context.Background(), c.id, r.cmd)
		w.tracef("  quote %T %+v: %s %v", r.cmd, r.cmd, quote.Amount, err)
		if err == nil {
			r.quote = &quote
		} else if !w.tryAgain(err) && !expectedOf(r.cmd, err) && !c.leaves(w, err) {
			w.violatef("error", c.id, "quote of %T: %v", r.cmd, err)
		}
	})
	switch {
	case r.quote == nil:
	case w.chance("confirm later", 150):
		c.quoted = r
	default:
		if w.depth == 1 { // the customer confirms it later
			w.now = w.now.Add(time.Duration(w.draw("thinks") % uint64(12*time.Minute)))
		}
		c.request(w, r)
	}
}

// request sends a request and remembers it.
func (c *customer) request(w *world, r *request) {
	c.requests = append(c.requests, r)
	w.figures.Requests++
	c.send(w, r)
	// An impatient customer repeats a request that got no answer.
	if !r.final && w.chance("again", 500) {
		c.send(w, r)
	}
}

// repeat sends a request again: one without a final answer if there is one, or else any. Sometimes its key is sent with
// different content.
func (c *customer) repeat(w *world, rng *rand.Rand) {
	if len(c.requests) == 0 {
		return
	}
	r := c.requests[rng.IntN(len(c.requests))]
	if rng.IntN(4) == 0 {
		c.misuse(w, r)
		return
	}
	for _, open := range c.requests {
		if !open.final && rng.IntN(2) == 0 {
			r = open
		}
	}
	c.send(w, r)
}

// send sends a request through a process and checks the answer.
func (c *customer) send(w *world, r *request) {
	p := free(w.services, int(w.draw("service")%uint64(len(w.services))))
	if p == nil {
		return
	}
	r.asked++
	if r.asked > 1 {
		w.figures.Repeated++
	}
	if w.apart() {
		w.figures.Apart++
	}
	p.run(func() {
		var outcome subscription.Outcome
		var err error
		service := r.on(w, p.service)
		if r.quote != nil {
			outcome, err = service.Confirm(context.Background(), c.id, r.cmd, *r.quote, r.key)
		} else {
			outcome, err = service.Do(context.Background(), c.id, r.cmd, r.key)
		}
		w.tracef("  %T %+v with %s: order %s %s, %v", r.cmd, r.cmd, r.key, outcome.Order.ID, outcome.Order.Status, err)
		c.judge(w, r, outcome, err)
	})
}

// judge compares an answer with what was promised and with earlier answers.
func (c *customer) judge(w *world, r *request, outcome subscription.Outcome, err error) {
	receipt := outcome.Receipt
	c.judgeStaff(w, r, receipt, err)
	switch {
	case w.tryAgain(err):
		r.untold = true
	case errors.Is(err, subscription.ErrPaymentPending), errors.Is(err, subscription.ErrConflict), errors.Is(err, subscription.ErrReview):
	case err == nil, expectedOf(r.cmd, err), c.leaves(w, err):
		r.final, r.untold = true, false
	default:
		w.violatef("error", c.id, "%T: %v", r.cmd, err)
	}
	if receipt.Key == "" {
		// A request that was accepted is never refused later.
		if r.receipt != nil && !isTransient(err) && !errors.Is(err, subscription.ErrConflict) {
			w.violatef("receipt", c.id, "%s had the receipt of order %s, and now %v", r.key, r.receipt.OrderID, err)
		}
		if errors.Is(err, subscription.ErrQuoteStale) {
			w.figures.Stale++
		}
		return
	}
	if r.receipt == nil {
		first := receipt
		r.receipt = &first
		c.same(w, r)
		if r.quote != nil {
			w.figures.Quotes++
		}
		if release, ok := r.cmd.(subscription.Release); ok && release.Used != nil {
			c.record[release.Used.ID].counted = true
		}
	}
	a, b := *r.receipt, receipt
	if a.Application != b.Application || a.Key != b.Key || a.Kind != b.Kind || a.Digest != b.Digest ||
		a.Revision != b.Revision || !a.At.Equal(b.At) || a.OrderID != b.OrderID {
		w.violatef("receipt", c.id, "%s had the receipt %+v, and now %+v", r.key, a, b)
	}
	if want := orderOf(r.cmd, receipt); want != outcome.Order.ID {
		w.violatef("receipt", c.id, "%s is for order %q and shows %q", r.key, want, outcome.Order.ID)
	}
	if r.quote != nil && outcome.Order.Amount != r.quote.Amount {
		w.violatef("quote", c.id, "%s was quoted %s and ordered %s", r.key, r.quote.Amount, outcome.Order.Amount)
	}
}

// orderOf returns the order that the outcome of a request shows: the one that it placed, or that it refunds.
func orderOf(cmd subscription.Command, r subscription.Receipt) subscription.OrderID {
	switch cmd := cmd.(type) {
	case subscription.RefundOrder:
		return cmd.Order
	case subscription.ReturnPackage:
		return cmd.Order
	}
	return r.OrderID
}

// same checks that a request repeated to a restored store gets the same order as before. A request to pay for usage
// gets the next bill, whichever it is.
func (c *customer) same(w *world, r *request) {
	if _, next := r.cmd.(subscription.BillUsage); next || r.lost == nil {
		return
	}
	if r.lost.OrderID != "" && r.receipt.OrderID != "" && r.lost.OrderID != r.receipt.OrderID {
		w.violatef("restore", c.id, "%s had the order %s, and after a restore %s", r.key, r.lost.OrderID, r.receipt.OrderID)
	}
}

// misuse sends a key with a different command.
func (c *customer) misuse(w *world, r *request) {
	p := free(w.services, 0)
	if p == nil || r.receipt == nil {
		return
	}
	p.run(func() {
		_, err := p.service.Do(context.Background(), c.id, subscription.Cancel{Order: "no such order"}, r.key)
		if !w.tryAgain(err) && !errors.Is(err, subscription.ErrKeyReused) {
			w.violatef("receipt", c.id, "%s with another command: %v", r.key, err)
		}
	})
}

// openAccounts opens the paying accounts; every third application shares its neighbor's.
func (w *world) openAccounts() error {
	for _, c := range w.customers {
		if err := w.accounts.Open(context.Background(), string(c.account)); err != nil {
			return err
		}
		c.bound = true
		if w.rich {
			if err := w.deposit(c, "initial", 5_000_000); err != nil {
				return err
			}
		}
	}
	return nil
}

// deposit adds money to an account, in both currencies.
func (w *world) deposit(c *customer, key string, minor int64) error {
	for _, currency := range []pricing.Currency{"USD", "JPY"} {
		amount, err := pricing.FromMinor(minor, currency)
		if err != nil {
			return err
		}
		id := fmt.Sprintf("%s %s %s", c.id, key, currency)
		if err := w.accounts.Deposit(context.Background(), c.payer(w), id, amount); err != nil {
			return err
		}
	}
	return nil
}
