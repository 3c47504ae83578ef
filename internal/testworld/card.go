package testworld

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// Card is a gateway whose issuer wants some payments confirmed by the payer: they are pending, with an action, until the
// test confirms or refuses them or they are canceled. The others, and those that are confirmed, are the embedded gateway's.
type Card struct {
	payment.Gateway

	Asks  func(payment.Charge) bool // whether the issuer wants it confirmed; nil: never
	Until time.Time                 // the deadline of actions
	Down  error                     // what Cancel fails with

	mu      sync.Mutex
	charges map[string]*cardCharge
	calls   []string
}

type cardCharge struct {
	request payment.Charge
	result  payment.Result
}

var _ payment.Canceler = (*Card)(nil)

// Plain returns the card as a gateway that can't cancel.
func (g *Card) Plain() payment.Gateway { return struct{ payment.Gateway }{g} }

// Calls returns "charge key" and "cancel key" for each such call since the last one of Calls.
func (g *Card) Calls() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	calls := g.calls
	g.calls = nil
	return calls
}

// Charge implements [payment.Gateway].
func (g *Card) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := errors.Join(c.Validate(), ctx.Err()); err != nil {
		return payment.Result{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, "charge "+c.Key)
	if made := g.charges[c.Key]; made != nil {
		if made.request != c {
			return payment.Result{}, fmt.Errorf("%w: charge %q", payment.ErrKeyConflict, c.Key)
		}
		return made.result, nil
	}
	if found, err := g.Gateway.Lookup(ctx, c.Key); err != nil || found.Status != payment.NotFound || g.Asks == nil || !g.Asks(c) {
		return g.Gateway.Charge(ctx, c)
	}
	if g.charges == nil {
		g.charges = map[string]*cardCharge{}
	}
	made := &cardCharge{c, payment.Result{
		Key: c.Key, Status: payment.Pending, Reference: "card of " + c.Order,
		Action: payment.Action{Kind: payment.ActionRedirect, Value: "https://bank.example/" + c.Key, Until: g.Until},
	}}
	g.charges[c.Key] = made
	return made.result, nil
}

// Lookup implements [payment.Gateway].
func (g *Card) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if err := errors.Join(payment.ValidateKey(key), ctx.Err()); err != nil {
		return payment.Result{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.found(ctx, key)
}

func (g *Card) found(ctx context.Context, key string) (payment.Result, error) {
	if made := g.charges[key]; made != nil {
		return made.result, nil
	}
	return g.Gateway.Lookup(ctx, key)
}

// Refund implements [payment.Gateway].
func (g *Card) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if made := g.charges[r.Charge]; made != nil && made.result.Status == payment.Declined && r.Validate() == nil {
		return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.ExceedsCharge}, nil
	}
	return g.Gateway.Refund(ctx, r)
}

// Cancel implements [payment.Canceler].
func (g *Card) Cancel(ctx context.Context, key string) (payment.Result, error) {
	if err := errors.Join(payment.ValidateKey(key), ctx.Err()); err != nil {
		return payment.Result{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, "cancel "+key)
	if g.Down != nil {
		return payment.Result{}, g.Down
	}
	if made := g.charges[key]; made != nil && made.result.Status == payment.Pending {
		made.result = payment.Result{Key: key, Status: payment.Declined, Reason: payment.Canceled}
	}
	return g.found(ctx, key)
}

// Confirm ends the wait for the payer, who confirms the payment or refuses to.
func (g *Card) Confirm(ctx context.Context, key string, confirms bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	made := g.charges[key]
	switch {
	case made == nil:
		return fmt.Errorf("no charge %q waits for its payer", key)
	case made.result.Status != payment.Pending:
	case confirms:
		r, err := g.Gateway.Charge(ctx, made.request)
		if err != nil {
			return err
		}
		made.result = r
	default:
		made.result = payment.Result{Key: key, Status: payment.Declined, Reason: payment.NeedsAuthentication}
	}
	return nil
}
