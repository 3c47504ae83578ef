package stripe

import (
	"context"
	"fmt"

	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
)

// find returns the payment intent that a charge's key stands for, as it is now, or nil if there is none as far as is known.
func (g *Gateway) find(ctx context.Context, key string) (*stripego.PaymentIntent, error) {
	id, err := g.bound(ctx, chargeHash(key))
	if id == "" || err != nil {
		return nil, err
	}
	return g.retrieve(ctx, id)
}

// bound returns the ID of the intent that is bound to a charge's key, after it has bound one that the search knows, or "".
func (g *Gateway) bound(ctx context.Context, h string) (string, error) {
	id, err := g.keys.ProviderKey(ctx, h)
	if err != nil {
		return "", fmt.Errorf("stripe: look up a key: %w", err)
	}
	if id != "" {
		return id, nil
	}
	if id, err = g.search(ctx, h); id == "" || err != nil {
		return "", err
	}
	return g.bind(ctx, h, id)
}

// bind binds an intent to a charge's key, unless another one is bound, and returns the ID of the one that is.
func (g *Gateway) bind(ctx context.Context, h, id string) (string, error) {
	id, err := g.keys.BindProviderKey(ctx, h, id)
	if err != nil {
		return "", fmt.Errorf("stripe: bind a key: %w", err)
	}
	return id, nil
}

func (g *Gateway) retrieve(ctx context.Context, id string) (*stripego.PaymentIntent, error) {
	pi, err := send(ctx, func() (*stripego.PaymentIntent, error) {
		p := &stripego.PaymentIntentRetrieveParams{}
		p.AddExpand("latest_charge")
		return g.api.V1PaymentIntents.Retrieve(ctx, id, p)
	})
	if err != nil {
		return nil, unknown("retrieve a payment intent", err)
	}
	return pi, nil
}

// search returns the ID of the intent whose metadata has that hash, or "" if the provider's search knows of none. There can
// be more than one only if some were never confirmed: an answer was lost, and a day later another one was created.
func (g *Gateway) search(ctx context.Context, h string) (string, error) {
	p := &stripego.PaymentIntentSearchParams{}
	p.Query = fmt.Sprintf("metadata['%s']:'%s'", metaHash, h)
	var best *stripego.PaymentIntent
	for pi, err := range g.api.V1PaymentIntents.Search(ctx, p).All(ctx) {
		if err != nil {
			return "", unknown("search for a payment intent", err)
		}
		if pi.Metadata[metaHash] == h && pi.CancellationReason != duplicate && (best == nil || before(pi, best)) {
			best = pi
		}
	}
	if best == nil {
		return "", nil
	}
	return best.ID, nil
}

// before reports whether an intent rather than another one stands for their key: the one that got further, else the older
// one.
func before(a, b *stripego.PaymentIntent) bool {
	if a, b := progress(a), progress(b); a != b {
		return a > b
	}
	return a.Created < b.Created || a.Created == b.Created && a.ID < b.ID
}

func progress(pi *stripego.PaymentIntent) int {
	switch {
	case pi.Status == stripego.PaymentIntentStatusSucceeded:
		return 3
	case pi.Status == stripego.PaymentIntentStatusCanceled:
		return 1
	case untried(pi):
		return 0
	}
	return 2
}

// duplicate is why an intent is canceled that isn't the one of its key.
const duplicate = stripego.PaymentIntentCancellationReasonDuplicate

// create creates the intent of a charge, unconfirmed, and returns the one that its key is bound to then.
func (g *Gateway) create(ctx context.Context, c payment.Charge, amount int64, customer string) (*stripego.PaymentIntent, error) {
	h := chargeHash(c.Key)
	pi, err := g.createOnce(ctx, c, amount, customer, h)
	if e := refused(err); e != nil && e.Code == stripego.ErrorCodeResourceMissing && customer != "" {
		customer = "" // it is gone; what has no customer is declined, forever
		pi, err = g.createOnce(ctx, c, amount, customer, h)
	}
	if g.certain && (otherContent(err) || failedBefore(err)) {
		// The key is of no use for a day. Only what is bound is confirmed, so another intent does no harm.
		pi, err = g.createOnce(ctx, c, amount, customer, "")
	}
	switch e := refused(err); {
	case e != nil && (e.Code == stripego.ErrorCodeAmountTooSmall || e.Code == stripego.ErrorCodeAmountTooLarge ||
		e.Param == "amount" || e.Param == "currency"):
		return nil, fmt.Errorf("%w: Stripe doesn't charge %s: %s %.100q", payment.ErrInvalid, c.Amount, e.Code, e.Msg)
	case err != nil:
		return nil, unknown("create a payment intent", err)
	}
	id, err := g.bind(ctx, h, pi.ID)
	switch {
	case err != nil:
		return nil, err
	case id != pi.ID:
		_, _ = g.cancelIntent(ctx, pi.ID, duplicate) // it was never confirmed
	case !replayed(pi.LastResponse):
		return pi, nil
	}
	return g.retrieve(ctx, id)
}

// createOnce creates an intent under an idempotency key, or under a random one. Its parameters follow from the charge and
// the customer alone, so that they are the same whenever the charge is repeated.
func (g *Gateway) createOnce(
	ctx context.Context, c payment.Charge, amount int64, customer, idempotency string,
) (*stripego.PaymentIntent, error) {
	return send(ctx, func() (*stripego.PaymentIntent, error) {
		p := &stripego.PaymentIntentCreateParams{
			Amount:             new(amount),
			Currency:           new(code(c.Amount.Currency())),
			PaymentMethodTypes: []*string{new("card")},
			Metadata: map[string]string{
				metaHash:    chargeHash(c.Key),
				metaKey:     c.Key,
				metaDigest:  chargeDigest(c),
				metaAccount: hash("account", c.Account),
			},
		}
		if c.Order != "" {
			p.Metadata[metaOrder] = c.Order
		}
		if c.Description != "" {
			p.Description = new(shortened(c.Description))
		}
		if customer != "" {
			p.Customer = new(customer)
		}
		if idempotency != "" {
			p.SetIdempotencyKey(idempotency)
		}
		p.AddExpand("latest_charge")
		return g.api.V1PaymentIntents.Create(ctx, p)
	})
}

// shortened returns the beginning of a description, at most 500 characters.
func shortened(s string) string {
	n := 0
	for i := range s {
		if n == 500 {
			return s[:i]
		}
		n++
	}
	return s
}
