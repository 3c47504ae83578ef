package stripe_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
)

// chaos is a host whose processes come and go, while requests fail in every way, cards change, payers act, and time passes.
type chaos struct {
	*world

	t       *testing.T
	random  *rand.Rand
	options *stripe.Options
	gateway *stripe.Gateway
	final   map[string]payment.Result // of charges and refunds
	failed  map[string]bool           // refunds that the bank failed
	shown   map[string]string         // by key, the intent that somebody outside can know of

	customers []string  // that the account ever had
	backup    *keyTable // of the table
	log       []string
}

func (c *chaos) pick(n int) int { return c.random.IntN(n) }

func (c *chaos) notef(format string, args ...any) {
	c.log = append(c.log, fmt.Sprintf(format, args...))
}

// step does something, and checks that no final answer changes.
func (c *chaos) step() {
	key := fmt.Sprintf("k%d", c.pick(6))
	charge := order(c.t, key)
	var r payment.Result
	var err error
	var what string
	switch c.pick(20) {
	case 0, 1, 2, 3, 4:
		what = "charge"
		r, err = c.gateway.Charge(c.t.Context(), charge)
	case 5, 6:
		what = "look up"
		r, err = c.gateway.Lookup(c.t.Context(), key)
	case 7:
		what = "cancel"
		r, err = c.gateway.Cancel(c.t.Context(), key)
	case 8, 9:
		what = "refund"
		n := c.pick(3)
		r, err = c.gateway.Refund(c.t.Context(), payment.Refund{
			Key: fmt.Sprintf("%s/refund/%d", key, n), Charge: key, Account: "acme", Amount: amount(c.t, fmt.Sprintf("%d.00 USD", 4+n)),
		})
	case 10:
		cards := []stripefake.Card{
			stripefake.Good, stripefake.Good, stripefake.Good, stripefake.Insufficient, stripefake.Stolen, stripefake.Slow,
			stripefake.InsufficientOnce, stripefake.NeedsPayer,
		}
		_ = c.card("acme", cards[c.pick(len(cards))]) // which may have none
		return
	case 11:
		c.notef("another process")
		c.gateway = c.another(c.t, c.options)
		return
	case 12:
		d := []time.Duration{time.Second, time.Minute, time.Hour, 25 * time.Hour}[c.pick(4)]
		c.notef("%v later", d)
		c.fake.Advance(d)
		return
	case 13:
		c.changePayer()
		return
	case 14:
		c.restore()
		return
	default:
		c.outside(c.shown[key])
		return
	}
	c.notef("%s %s: %s %s, %v", what, key, r.Status, r.Reason, err)
	c.answered(what, r, err)
}

// changePayer gives the account another customer, none, or one that is gone.
func (c *chaos) changePayer() {
	p := stripe.Payer{}
	switch c.pick(4) {
	case 0:
	case 1:
		p = stripe.Payer{Customer: "cus_gone", PaymentMethod: "pm_gone"}
	default:
		p.Customer, p.PaymentMethod = c.fake.AddCustomer(stripefake.Good)
		c.customers = append(c.customers, p.Customer)
	}
	c.notef("the payer is %+v", p)
	c.payers["acme"] = p
}

// restore puts the table back to an earlier backup, and waits as long as the manual says. Or it makes a backup.
func (c *chaos) restore() {
	if c.options == nil {
		return
	}
	if c.backup == nil || c.pick(2) == 0 {
		c.backup = &keyTable{}
		c.options.Keys.(*keyTable).m.Range(func(k, v any) bool { c.backup.m.Store(k, v); return true })
		c.notef("a backup")
		return
	}
	c.fake.Advance(time.Hour)
	c.options.Keys, c.backup = c.backup, nil
	c.gateway = c.another(c.t, c.options)
	c.notef("a restored backup")
}

// outside does what happens at the provider without a request.
func (c *chaos) outside(intent string) {
	switch c.pick(4) {
	case 0:
		c.notef("pay %s: %v", intent, c.fake.Pay(intent, stripefake.Good))
	case 1:
		c.notef("authenticate %s: %v", intent, c.fake.Authenticate(intent, c.pick(2) == 0))
	case 2:
		c.notef("settle %s: %v", intent, c.fake.Settle(intent, c.pick(2) == 0))
	default:
		for _, id := range c.fake.Refunds(intent) {
			if c.pick(4) == 0 && c.fake.FailRefund(id) == nil {
				c.notef("refund %s fails", id)
				c.failed[id] = true
			}
		}
	}
}

func (c *chaos) answered(what string, r payment.Result, err error) {
	switch {
	case err != nil && (errors.Is(err, payment.ErrKeyConflict) || errors.Is(err, payment.ErrInvalid)):
		c.t.Fatalf("%s: %v, but nothing is wrong with the request", what, err)
	case err != nil:
		return
	case r.Validate() != nil:
		c.t.Fatalf("%s: %v", what, r.Validate())
	}
	if what != "refund" && r.Reference != "" {
		c.shown[r.Key] = r.Reference
	}
	first, known := c.final[r.Key]
	withdrawn := what == "refund" && first.Status == payment.Succeeded && c.failed[first.Reference]
	lags := r.Status == payment.NotFound && c.options == nil // the search doesn't know another process's charge yet
	switch {
	case known && first != r && !withdrawn && !lags:
		c.t.Fatalf("%s: %+v, but before it was %+v", what, r, first)
	case !known && r.Status.Final():
		c.final[r.Key] = r
	}
}

// audit compares what was answered with the provider's books, once nothing fails any more.
func (c *chaos) audit() {
	c.fake.SetFaults(nil)
	c.fake.Advance(25 * time.Hour)
	c.gateway = c.another(c.t, c.options)
	var want int64
	for n := range 6 {
		key := fmt.Sprintf("k%d", n)
		r, err := c.gateway.Charge(c.t.Context(), order(c.t, key))
		must(c.t, err)
		c.answered("charge", r, err)
		if r.Status == payment.Succeeded {
			want += 1000
		}
		for n := range 3 {
			r, err := c.gateway.Refund(c.t.Context(), payment.Refund{
				Key: fmt.Sprintf("%s/refund/%d", key, n), Charge: key, Account: "acme", Amount: amount(c.t, fmt.Sprintf("%d.00 USD", 4+n)),
			})
			must(c.t, err)
			c.answered("refund", r, err)
			if r.Status == payment.Succeeded {
				want -= r.Amount.Minor()
			}
		}
	}
	var got int64
	for _, customer := range c.customers {
		got += c.fake.Collected(customer, "usd")
	}
	if got != want {
		c.t.Errorf("the provider has %d, and the answers say %d", got, want)
	}
}

// Whatever fails, whenever processes and payers come and go, a key is collected once, no final answer changes, and in the end
// the answers and the provider's books agree.
// Rule: card-key-once, card-declines-are-final.
func TestChaos(t *testing.T) {
	faults := []stripefake.Fault{
		stripefake.Unavailable, stripefake.RateLimited, stripefake.Broken, stripefake.BrokenLate, stripefake.Cut, stripefake.Lost,
		stripefake.Lost,
	}
	for seed := range testsize.Of[uint64](30, 300) {
		for _, table := range []bool{false, true} {
			w := open(t, nil)
			must(t, w.card("acme", stripefake.Good))
			c := &chaos{
				world: w, t: t, random: rand.New(rand.NewPCG(seed, 1)), options: options(table), final: map[string]payment.Result{},
				failed: map[string]bool{}, shown: map[string]string{},
			}
			c.customers = append(c.customers, "", w.payers["acme"].Customer)
			c.gateway = w.another(t, c.options)
			unlucky := rand.New(rand.NewPCG(seed, 2))
			w.fake.SetFaults(func(string, string) stripefake.Fault {
				if unlucky.IntN(6) > 0 {
					return stripefake.None
				}
				return faults[unlucky.IntN(len(faults))]
			})
			for range 80 {
				c.step()
			}
			c.audit()
			if t.Failed() {
				t.Fatalf("seed %d, table %t:\n%s", seed, table, c.log)
			}
			w.fake.Close()
		}
	}
}
