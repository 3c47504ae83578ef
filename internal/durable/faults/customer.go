package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/subscription"
)

// customer acts for one application, one action at a time. Everything that a customer knows is in the process that is
// never killed: requests, recorded before they are sent, and their answers.
type customer struct {
	run      *run
	id       subscription.ApplicationID
	account  subscription.AccountID
	rich     bool
	rng      *rand.Rand
	n        atomic.Int64 // of keys and records used
	hindered bool         // the host sometimes refuses its changes
	askings  []*asking
	records  []*record
	orders   []subscription.Order // as last reported
}

// asking is a request with a key, and what is known about it.
type asking struct {
	request

	at      time.Time
	asked   int
	lost    bool                  // a call got no answer, and none was refused since
	final   bool                  // it has a final answer
	given   bool                  // the customer stopped waiting for an answer
	receipt *subscription.Receipt // the first one
	used    *record               // of a release
}

func newCustomer(r *run, i int) *customer {
	c := &customer{
		run: r, id: subscription.ApplicationID(fmt.Sprintf("app-%04d", i)),
		rich: i%4 != 3, hindered: i%8 == 6,
		rng: rand.New(rand.NewPCG(r.options.Seed, uint64(i))),
	}
	c.account = subscription.AccountID(accountOf(c.id))
	return c
}

// accountOf returns the account that pays for an application: for every third one it is in the database, otherwise with
// the bank.
func accountOf(id subscription.ApplicationID) string {
	number := strings.TrimPrefix(string(id), "app-")
	if n, err := strconv.Atoi(number); err == nil && n%3 == 1 {
		return "balance-" + number
	}
	return "account-" + number
}

// live acts until the run comes to rest.
func (c *customer) live() {
	minor := int64(30_000)
	if c.rich {
		minor = 1_000_000_000_000
	}
	c.run.pays(context.Background(), c, "opening", minor)
	account := subscription.Create{Account: c.account}
	for c.request(account, nil); !c.askings[0].final && !c.run.resting(); {
		c.send(c.askings[0])
	}
	c.askings[0].given = false
	c.request(c.buy(), nil)
	for !c.run.resting() {
		switch n := c.rng.IntN(20); {
		case n < 9:
			c.use()
		case n < 12:
			c.again()
		default:
			intent := intents()[c.rng.IntN(len(intents()))]
			cmd := intent(c)
			switch {
			case cmd == nil:
			case c.rng.IntN(4) == 0:
				c.quote(cmd)
			default:
				c.request(cmd, nil)
			}
		}
		c.run.breathe()
	}
}

// request sends a new request, and repeats it a limited number of times if there is no answer.
func (c *customer) request(cmd subscription.Command, q *subscription.Quote) {
	kind, text, err := encode(cmd)
	if err != nil {
		c.run.violatef("faults", c.id, "%v", err)
		return
	}
	a := &asking{request: request{
		Application: c.id, Kind: kind, Command: text, Key: keyOf(c.n.Add(1)), Quote: q, Within: q == nil && c.rng.IntN(8) == 0,
	}, at: c.run.clock.read()}
	if release, ok := cmd.(subscription.Release); ok && release.Used != nil {
		a.used = c.records[len(c.records)-1]
	}
	c.askings = append(c.askings, a)
	switch c.rng.IntN(8) {
	case 0:
		c.sendTwice(a)
	case 1, 2:
		c.sendBeside(a)
	}
	for range 3 {
		if a.final || c.run.resting() {
			return
		}
		c.send(a)
	}
	if !a.final && c.rng.IntN(10) == 0 {
		a.given = true
		if a.used != nil {
			a.used.given = true
		}
	}
}

// send sends a request to any process and checks the answer.
func (c *customer) send(a *asking) {
	a.asked++
	c.judge(a, c.run.ask(c.rng, "do", c.id, a.request))
}

// sendTwice sends a request to two processes at once, as impatient customers do.
func (c *customer) sendTwice(a *asking) {
	a.asked += 2
	var replies [2]reply
	rngs := [2]*rand.Rand{rand.New(rand.NewPCG(c.rng.Uint64(), 0)), rand.New(rand.NewPCG(c.rng.Uint64(), 1))}
	var wait sync.WaitGroup
	for i := range replies {
		wait.Go(func() { replies[i] = c.run.ask(rngs[i], "do", c.id, a.request) })
	}
	wait.Wait()
	if a.receipt == nil && replies[0].Receipt.Key == "" && replies[1].Receipt.Key != "" {
		replies[0], replies[1] = replies[1], replies[0] // one may have been refused before the other was accepted
	}
	a.lost = a.lost || replies[1].Outcome == unknown
	c.judge(a, replies[0])
	if replies[1].Receipt.Key != "" || replies[1].Outcome == broken {
		c.judge(a, replies[1])
	}
}

// sendBeside sends a request and usage concurrently, so that they conflict in the store.
func (c *customer) sendBeside(a *asking) {
	batch := []*record{c.newRecord(), c.newRecord()}
	u := bundle(c.id, batch)
	a.asked++
	var told, counted reply
	rng := rand.New(rand.NewPCG(c.rng.Uint64(), 2))
	var wait sync.WaitGroup
	wait.Go(func() { told = c.run.ask(rng, "do", c.id, a.request) })
	counted = c.run.ask(c.rng, "consume", c.id, u)
	wait.Wait()
	c.judge(a, told)
	c.judgeUsage(batch, counted)
}

// judge compares an answer with earlier ones. A refusal after a call that got no answer isn't final, see judgeUsage.
func (c *customer) judge(a *asking, r reply) {
	switch r.Outcome {
	case done:
		a.final = true
	case refused:
		a.final, a.lost = a.final || !a.lost, false
	case unknown:
		a.lost = true
	case broken:
		c.run.violatef("error", c.id, "%s %s: %s", a.Kind, a.Key, r.Text)
	case pending:
	}
	if r.Receipt.Key == "" {
		if a.receipt != nil && r.Outcome == refused {
			c.run.violatef("receipt", c.id, "%s had the receipt of order %q, and now %s", a.Key, a.receipt.OrderID, r.Text)
		}
		if a.used != nil && a.final {
			a.used.final = true
		}
		return
	}
	if a.receipt == nil {
		first := r.Receipt
		a.receipt = &first
		if a.used != nil {
			a.used.counted, a.used.final = true, true
		}
	}
	x, y := *a.receipt, r.Receipt
	if x.Revision != y.Revision || x.OrderID != y.OrderID || !x.At.Equal(y.At) || x.Digest != y.Digest {
		c.run.violatef("receipt", c.id, "%s had the receipt %+v, and now %+v", a.Key, x, y)
	}
	if want := orderOf(a, y); want != r.Order.ID {
		c.run.violatef("receipt", c.id, "%s is for order %q and shows %q", a.Key, want, r.Order.ID)
	}
	if a.Quote != nil && r.Order.Amount != a.Quote.Amount {
		c.run.violatef("quote", c.id, "%s was quoted %s and ordered %s", a.Key, a.Quote.Amount, r.Order.Amount)
	}
	if y.OrderID != "" {
		c.orders = append(c.orders, r.Order)
	}
}

// orderOf returns the order that the outcome of a request shows: the one that it placed, or that it refunds.
func orderOf(a *asking, r subscription.Receipt) subscription.OrderID {
	cmd, err := decode(&a.request)
	if err != nil {
		return r.OrderID
	}
	switch cmd := cmd.(type) {
	case subscription.RefundOrder:
		return cmd.Order
	case subscription.ReturnPackage:
		return cmd.Order
	}
	return r.OrderID
}

// again repeats a request: one without an answer if there is one, or else any.
func (c *customer) again() {
	a := c.askings[c.rng.IntN(len(c.askings))]
	for _, open := range c.askings {
		if !open.final && !open.given {
			a = open
		}
	}
	if c.run.old(a.at) {
		a.given = true // it may have been pruned
	}
	if !a.given {
		c.send(a)
	}
}

// quote requests a quote and confirms it.
func (c *customer) quote(cmd subscription.Command) {
	if _, ok := cmd.(subscription.Release); ok {
		c.request(cmd, nil) // it orders nothing, and its record is already drawn
		return
	}
	kind, text, err := encode(cmd)
	if err != nil {
		c.run.violatef("faults", c.id, "%v", err)
		return
	}
	r := c.run.ask(c.rng, "quote", c.id, request{Application: c.id, Kind: kind, Command: text})
	switch r.Outcome {
	case done:
		c.request(cmd, r.Quote)
	case refused:
		if _, plain := cmd.(subscription.Reserve); plain || c.rng.IntN(2) == 0 {
			c.request(cmd, nil)
		}
	case broken:
		c.run.violatef("error", c.id, "quote of %s: %s", kind, r.Text)
	case pending, unknown:
	}
}

// unanswered repeats what has no answer yet, and reports how much that is.
func (c *customer) unanswered() int {
	var batch []*record
	left := 0
	for _, r := range c.records {
		if !r.final && !r.given && r.sent > 0 && !c.run.old(r.usage.At) {
			batch = append(batch, r)
		}
	}
	if len(batch) > 0 {
		c.consume(batch)
	}
	for _, a := range c.askings {
		if !a.final && !a.given && !c.run.old(a.at) {
			c.send(a)
			if !a.final {
				left++
			}
		}
	}
	for _, r := range batch {
		if !r.final {
			left++
		}
	}
	return left
}

// testimony returns what the customer knows, for the audit.
func (c *customer) testimony() audit.Customer {
	t := audit.Customer{Application: c.id, Account: c.account}
	for _, a := range c.askings {
		t.Requests = append(t.Requests, audit.Request{Key: a.Key, Quote: a.Quote, Receipt: a.receipt})
	}
	for _, r := range c.records {
		t.Records = append(t.Records, audit.Record{Usage: r.usage, Counted: r.counted, Open: !r.final})
	}
	return t
}
