package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
	"github.com/prepaidkit/prepaid/subscription"
)

// stripeProvider collects from cards through package payment/stripe. The provider is its fake, which a host of your own
// hasn't: it has stripe.Gateway alone, with customers as below. The fake forgets everything when the console stops.
type stripeProvider struct {
	*stripe.Gateway

	fake  *stripefake.Fake
	notes notes // customers, and what the pages show of charges

	mu     sync.Mutex
	held   bool
	latest []delivery
}

var _ provider = (*stripeProvider)(nil)

// Credentials of the fake, which takes any.
const (
	stripeKey    = "sk_test_fake"
	stripeSecret = "whsec_fake"
)

// customerIDs is the beginning of the names of the notes with the provider's customers, followed by the account.
const customerIDs = "provider/customer/"

// stripeCards are the cards of each method.
var stripeCards = map[method]stripefake.Card{
	payCard: stripefake.Good, payAsks: stripefake.NeedsPayer, paySlow: stripefake.Slow, payBadCard: stripefake.Generic,
	payEmpty: stripefake.Insufficient, payExpired: stripefake.Expired, payStolen: stripefake.Stolen,
}

// withStripe has a console collect by a stripeProvider.
func withStripe() opening { return opening{"stripe-fake", newStripeProvider} }

// newStripeProvider starts the fake. The console's closed stops it too.
func newStripeProvider(c *console) (provider, error) {
	fake := stripefake.New(&stripefake.Options{Now: c.clock.now, Bank: bankPage})
	p := &stripeProvider{fake: fake, notes: c.notes}
	closed := c.closed
	c.closed = func() { fake.Close(); closed() }
	var err error
	p.Gateway, err = stripe.New(stripeKey, p.payer, &stripe.Options{
		Keys: c.store, URL: fake.URL(),
		ReturnURL: "https://seller.example/orders", // so that the action is the bank's page, which is ours, and leads back by itself
	})
	return p, err
}

// payer is what a host tells the gateway of an account: the provider's customer, whose default card is charged.
func (p *stripeProvider) payer(ctx context.Context, account string) (stripe.Payer, error) {
	var payer stripe.Payer
	_, err := p.notes.get(ctx, customerIDs+account, &payer.Customer)
	return payer, err
}

// Charge implements [payment.Gateway]. It notes what pages show of the charge.
func (p *stripeProvider) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := c.Validate(); err != nil {
		return payment.Result{}, err
	}
	var m movement
	known, err := p.notes.get(ctx, chargeNotes+c.Key, &m)
	if err == nil && !known {
		m.Charge = c
		if m.Method, err = p.method(ctx, c.Account); err == nil {
			err = p.notes.put(ctx, chargeNotes+c.Key, m)
		}
	}
	if err != nil {
		return payment.Result{}, err
	}
	return p.Gateway.Charge(ctx, c)
}

// methods implements [wallet].
func (*stripeProvider) methods() []method {
	return []method{payCard, payAsks, paySlow, payBadCard, payEmpty, payExpired, payStolen}
}

// choices implements [wallet]. A customer has one card.
func (*stripeProvider) choices(usual method) []method { return []method{usual} }

// method implements [wallet].
func (p *stripeProvider) method(ctx context.Context, account string) (method, error) {
	how := payNothing
	_, err := p.notes.get(ctx, methodNotes+account, &how)
	return how, err
}

// setMethod implements [wallet]. It does what a host does around the provider's form, and what its customer does in the
// form. payBalance, which isn't offered, is that of a customer of the past, who has a card instead.
func (p *stripeProvider) setMethod(ctx context.Context, account string, how method) error {
	if how == payBalance {
		how = payCard
	}
	card := stripeCards[how]
	if card == "" {
		return fmt.Errorf("%w: no card is called %.32q", payment.ErrInvalid, how)
	}
	payer, err := p.payer(ctx, account)
	if err != nil {
		return err
	}
	if payer.Customer == "" {
		if payer.Customer, err = p.CreateCustomer(ctx, account); err != nil {
			return err
		}
		if err := p.notes.put(ctx, customerIDs+account, payer.Customer); err != nil {
			return err
		}
	}
	id, secret, err := p.BeginSetup(ctx, payer.Customer)
	if err != nil {
		return err
	}
	if err := p.fake.CompleteSetup(secret.Value, card); err != nil { // the customer, in the provider's form
		return err
	}
	if _, err := p.FinishSetup(ctx, payer.Customer, id); err != nil {
		return err
	}
	return p.notes.put(ctx, methodNotes+account, how)
}

// setMethodOnce implements [gateway]: the only choice is the account's.
func (*stripeProvider) setMethodOnce(context.Context, subscription.AttemptID, method) error {
	return nil
}

// methodOf implements [gateway].
func (p *stripeProvider) methodOf(ctx context.Context, key subscription.AttemptID) (method, error) {
	var m movement
	_, err := p.notes.get(ctx, chargeNotes+string(key), &m)
	return m.Method, err
}

// receiver implements [messenger].
func (p *stripeProvider) receiver(s *subscription.Service, log *slog.Logger) (http.Handler, error) {
	return p.Webhook(s, []string{stripeSecret}, &stripe.WebhookOptions{Failed: func(ctx context.Context, event string, err error) {
		log.WarnContext(ctx, "webhook", "event", event, "error", err)
	}})
}

// sendTo implements [messenger].
func (p *stripeProvider) sendTo(url string) { p.fake.SendTo(url, stripeSecret) }

// outbox implements [messenger].
func (p *stripeProvider) outbox() outbox {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := outbox{Sent: slices.Clone(p.latest), Held: p.held, Holds: true}
	slices.Reverse(o.Sent)
	for _, d := range p.fake.Waiting() {
		o.Waiting = append(o.Waiting, delivery{About: d.Object, Says: d.Type})
	}
	return o
}

// send implements [messenger].
func (p *stripeProvider) send(ctx context.Context, how sending) error {
	p.mu.Lock()
	switch how {
	case sendHold:
		p.held = true
	case sendRelease:
		p.held = false
	case sendWaiting, sendRepeat:
	default:
		p.mu.Unlock()
		return errNoPage
	}
	held := p.held
	p.mu.Unlock()
	var sent []stripefake.Delivery
	var err error
	switch {
	case how == sendRepeat:
		sent, err = p.fake.Redeliver(ctx)
	case !held && len(p.fake.Waiting()) > 0:
		sent, err = p.fake.Deliver(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range sent {
		answer := "no answer"
		if d.Status != 0 {
			answer = fmt.Sprintf("%d %s", d.Status, http.StatusText(d.Status))
		}
		p.latest = remembered(p.latest, delivery{About: d.Object, Says: d.Type, Answer: answer, OK: d.Status/100 == 2})
	}
	return err
}

// intent returns the ID of a charge's payment intent, or "".
func (p *stripeProvider) intent(key string) string { return p.fake.Intent("prepaid_key", key) }

// charges implements [backstage].
func (p *stripeProvider) charges(ctx context.Context, keep func(movement) bool) ([]movement, error) {
	var found []movement
	for m, err := range notesOf[movement](ctx, p.notes, chargeNotes) {
		if err != nil {
			return nil, err
		}
		if m.Result, err = p.Lookup(ctx, m.Charge.Key); err != nil {
			return nil, err
		}
		if keep(m) {
			found = append(found, m)
		}
	}
	return found, nil
}

// asked implements [backstage]. The token is the intent's ID, which the fake puts into the address of the bank's page.
func (p *stripeProvider) asked(ctx context.Context, token string) (m movement, ok bool, err error) {
	all, err := p.charges(ctx, func(m movement) bool { return m.Method == payAsks && p.intent(m.Charge.Key) == token })
	if err != nil || len(all) == 0 {
		return movement{}, false, err
	}
	return all[0], true, nil
}

// known turns the fake's refusal into the one that pages know.
func known(err, want error) error {
	if errors.Is(err, stripefake.ErrUnknown) || errors.Is(err, stripefake.ErrState) {
		return want
	}
	return err
}
