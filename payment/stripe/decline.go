package stripe

import (
	"context"

	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
)

// decline keeps an intent from ever being paid, and returns the decline. The payer could pay a failed one with another
// card, so it is canceled first; while that isn't certain, the result is pending. The reason is written down before, so
// that it is the same forever; the first one counts.
func (g *Gateway) decline(ctx context.Context, key string, pi *stripego.PaymentIntent, reason payment.Reason) (payment.Result, error) {
	pending := payment.Result{Key: key, Status: payment.Pending, Reference: pi.ID}
	if pi.Metadata[metaReason] == "" {
		err := g.note(ctx, pi.ID, metaReason, string(reason))
		if err != nil && !otherContent(err) && refused(err) == nil { // refused: it was canceled meanwhile
			if ctx.Err() != nil {
				return payment.Result{}, unknown("decline a payment intent", ctx.Err())
			}
			return pending, nil
		}
	}
	return g.ended(ctx, key, pi.ID, stripego.PaymentIntentCancellationReasonAbandoned)
}

// note writes a piece of metadata that no other one is written over at about the same time: that fails with otherContent.
func (g *Gateway) note(ctx context.Context, id, name, value string) error {
	err := g.noteOnce(ctx, id, name, value, hash("note", id, name))
	if failedBefore(err) && !otherContent(err) {
		err = g.noteOnce(ctx, id, name, value, "") // the key is of no use for a day
	}
	return err
}

func (g *Gateway) noteOnce(ctx context.Context, id, name, value, idempotency string) error {
	_, err := send(ctx, func() (*stripego.PaymentIntent, error) {
		p := &stripego.PaymentIntentUpdateParams{Metadata: map[string]string{name: value}}
		if idempotency != "" {
			p.SetIdempotencyKey(idempotency)
		}
		return g.api.V1PaymentIntents.Update(ctx, id, p)
	})
	return err
}

// ended cancels an intent and returns what became of it. It is pending if that isn't known.
func (g *Gateway) ended(
	ctx context.Context, key, id string, why stripego.PaymentIntentCancellationReason,
) (payment.Result, error) {
	pi, err := g.cancelIntent(ctx, id, why)
	if err != nil { // it was paid or canceled meanwhile, or nobody knows
		if pi, err = g.retrieve(ctx, id); err != nil {
			if ctx.Err() != nil {
				return payment.Result{}, unknown("cancel a payment intent", ctx.Err())
			}
			return payment.Result{Key: key, Status: payment.Pending, Reference: id}, nil
		}
	}
	return standing(key, pi)
}

func (g *Gateway) cancelIntent(
	ctx context.Context, id string, why stripego.PaymentIntentCancellationReason,
) (*stripego.PaymentIntent, error) {
	return send(ctx, func() (*stripego.PaymentIntent, error) {
		p := &stripego.PaymentIntentCancelParams{CancellationReason: new(string(why))}
		p.AddExpand("latest_charge")
		return g.api.V1PaymentIntents.Cancel(ctx, id, p)
	})
}

// Cancel implements [payment.Canceler]. A payment that the payer's bank is working on can't be canceled: it stays pending.
func (g *Gateway) Cancel(ctx context.Context, key string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	pi, err := g.find(ctx, key)
	if err != nil {
		return payment.Result{}, err
	}
	if pi == nil {
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	switch pi.Status {
	case stripego.PaymentIntentStatusCanceled, stripego.PaymentIntentStatusSucceeded:
		return standing(key, pi)
	case stripego.PaymentIntentStatusRequiresPaymentMethod, stripego.PaymentIntentStatusRequiresConfirmation:
		if !untried(pi) {
			return g.result(ctx, key, pi)
		}
	case stripego.PaymentIntentStatusProcessing, stripego.PaymentIntentStatusRequiresAction, stripego.PaymentIntentStatusRequiresCapture:
	}
	return g.ended(ctx, key, pi.ID, stripego.PaymentIntentCancellationReasonRequestedByCustomer)
}
