package stripe

import (
	"context"
	"fmt"
	"strings"
	"time"

	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Refund implements [payment.Gateway]. The refunds of the charge are listed first, which is certain, unlike a search; so a
// key is never refunded twice, also after the provider has forgotten it. A refund can fail after it succeeded: repeating it
// then declines it.
//
// A refund of a charge that the payer's bank is disputing, or that the provider doesn't refund any more, is declined with
// [payment.Other].
func (g *Gateway) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if err := r.Validate(); err != nil {
		return payment.Result{}, err
	}
	amount, err := Amount(r.Amount)
	if err != nil {
		return payment.Result{}, err
	}
	pi, err := g.find(ctx, r.Charge)
	if err != nil {
		return payment.Result{}, err
	}
	if pi == nil || untried(pi) {
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
	}
	charge, err := g.result(ctx, r.Charge, pi)
	switch {
	case err != nil:
		return payment.Result{}, err
	case !charge.Status.Final():
		return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
	}
	if err := g.claim(ctx, r, pi); err != nil {
		return payment.Result{}, err
	}
	if charge.Status == payment.Declined { // forever, so there is nothing to write down
		return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.ExceedsCharge, Reference: pi.ID}, nil
	}
	return g.refund(ctx, r, pi, charge.Amount, amount)
}

// claim binds the refund's key to its content and to its charge, and fails with [payment.ErrKeyConflict] if it is bound to
// something else.
func (g *Gateway) claim(ctx context.Context, r payment.Refund, pi *stripego.PaymentIntent) error {
	want := pi.ID + " " + refundDigest(r)
	got, err := g.keys.BindProviderKey(ctx, refundHash(r.Key), want)
	switch {
	case err != nil:
		return fmt.Errorf("stripe: bind a key: %w", err)
	case got != want:
		return fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	}
	return nil
}

// refund refunds a charge that was collected.
func (g *Gateway) refund(
	ctx context.Context, r payment.Refund, pi *stripego.PaymentIntent, collected pricing.Money, amount int64,
) (payment.Result, error) {
	if answer, ok, err := refusedBefore(r, pi); ok || err != nil {
		return answer, err
	}
	made, left, err := g.refunds(ctx, r.Key, pi)
	switch {
	case err != nil:
		return payment.Result{}, err
	case made != nil:
		return refundResult(r, made)
	case pi.Metadata[metaAccount] != hash("account", r.Account), r.Amount.Currency() != collected.Currency():
		return g.refuse(ctx, r, pi, payment.Mismatch)
	case amount > left:
		return g.refuse(ctx, r, pi, payment.ExceedsCharge)
	}
	made, err = g.refundOnce(ctx, r, pi.ID, amount)
	if err == nil && replayed(made.LastResponse) {
		made, err = g.retrieveRefund(ctx, made.ID)
	}
	switch e := refused(err); {
	case err == nil:
		return refundResult(r, made)
	case otherContent(err):
		return payment.Result{}, fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	case e == nil:
		return payment.Result{}, unknown("refund", err)
	case e.Code == stripego.ErrorCodeChargeDisputed, e.Code == stripego.ErrorCodeRefundDisputedPayment,
		e.Code == stripego.ErrorCodeChargeNotRefundable:
		return g.refuse(ctx, r, pi, payment.Other)
	}
	return g.overtaken(ctx, r, pi, amount, err)
}

// overtaken answers a refund that the provider refused, because another one took what was left, or made it already.
func (g *Gateway) overtaken(
	ctx context.Context, r payment.Refund, pi *stripego.PaymentIntent, amount int64, why error,
) (payment.Result, error) {
	made, left, err := g.refunds(ctx, r.Key, pi)
	switch {
	case err != nil:
		return payment.Result{}, err
	case made != nil:
		return refundResult(r, made)
	case amount > left:
		return g.refuse(ctx, r, pi, payment.ExceedsCharge)
	}
	return payment.Result{}, unknown("refund", why)
}

// refunds returns the refund with that key, if there is one, and what is left of the charge, in the provider's units.
func (g *Gateway) refunds(ctx context.Context, key string, pi *stripego.PaymentIntent) (made *stripego.Refund, left int64, err error) {
	left = pi.AmountReceived
	h := refundHash(key)
	p := &stripego.RefundListParams{PaymentIntent: new(pi.ID)}
	p.Limit = new(int64(100))
	for re, err := range g.api.V1Refunds.List(ctx, p).All(ctx) {
		if err != nil {
			return nil, 0, unknown("list refunds", err)
		}
		if re.Metadata[metaHash] == h {
			made = re
		}
		if re.Status != stripego.RefundStatusFailed && re.Status != stripego.RefundStatusCanceled {
			left -= re.Amount
		}
	}
	return made, left, nil
}

func (g *Gateway) refundOnce(ctx context.Context, r payment.Refund, intent string, amount int64) (*stripego.Refund, error) {
	return send(ctx, func() (*stripego.Refund, error) {
		p := &stripego.RefundCreateParams{
			PaymentIntent: new(intent),
			Amount:        new(amount),
			Metadata:      map[string]string{metaHash: refundHash(r.Key), metaKey: r.Key, metaDigest: refundDigest(r)},
		}
		p.SetIdempotencyKey(refundHash(r.Key))
		return g.api.V1Refunds.Create(ctx, p)
	})
}

func (g *Gateway) retrieveRefund(ctx context.Context, id string) (*stripego.Refund, error) {
	return send(ctx, func() (*stripego.Refund, error) { return g.api.V1Refunds.Retrieve(ctx, id, nil) })
}

// refundResult returns what the provider says of a refund.
func refundResult(r payment.Refund, re *stripego.Refund) (payment.Result, error) {
	if re.Metadata[metaDigest] != refundDigest(r) {
		return payment.Result{}, fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	}
	result := payment.Result{Key: r.Key, Status: payment.Pending, Reference: re.ID}
	switch re.Status {
	case stripego.RefundStatusSucceeded:
		amount, err := money(re.Amount, re.Currency)
		if err != nil {
			return payment.Result{}, fmt.Errorf("%w: %s: %w", errAnswer, re.ID, err)
		}
		result.Status, result.Amount, result.At = payment.Succeeded, amount, time.Unix(re.Created, 0).UTC()
	case stripego.RefundStatusFailed, stripego.RefundStatusCanceled:
		result.Status, result.Reason = payment.Declined, refundReason(re)
	case stripego.RefundStatusPending, stripego.RefundStatusRequiresAction:
	default:
		return payment.Result{}, fmt.Errorf("%w: %s is %.40q", errAnswer, re.ID, string(re.Status))
	}
	return result, nil
}

func refundReason(re *stripego.Refund) payment.Reason {
	switch {
	case re.Status == stripego.RefundStatusCanceled:
		return payment.Canceled
	case re.FailureReason == stripego.RefundFailureReasonLostOrStolenCard:
		return payment.LostOrStolen
	case re.FailureReason == stripego.RefundFailureReasonExpiredOrCanceledCard:
		return payment.ExpiredMethod
	}
	return payment.Other
}

// memo is the name of the metadata with the decline of a refund that the provider has no object for.
func memo(key string) string { return metaRefund + refundHash(key)[:24] }

// refuse declines a refund forever: the decline is written down at the charge before it is answered.
func (g *Gateway) refuse(ctx context.Context, r payment.Refund, pi *stripego.PaymentIntent, reason payment.Reason) (payment.Result, error) {
	if answer, ok, err := refusedBefore(r, pi); ok || err != nil {
		return answer, err
	}
	if err := g.note(ctx, pi.ID, memo(r.Key), refundDigest(r)+" "+string(reason)); err != nil && !otherContent(err) {
		return payment.Result{}, unknown("decline a refund", err)
	}
	now, err := g.retrieve(ctx, pi.ID)
	if err != nil {
		return payment.Result{}, err
	}
	answer, ok, err := refusedBefore(r, now)
	if err == nil && !ok {
		err = fmt.Errorf("%w: %s lacks the metadata just written", errAnswer, pi.ID)
	}
	return answer, err
}

// refusedBefore returns the decline that is written down for a refund, and whether there is one.
func refusedBefore(r payment.Refund, pi *stripego.PaymentIntent) (answer payment.Result, ok bool, err error) {
	text := pi.Metadata[memo(r.Key)]
	if text == "" {
		return payment.Result{}, false, nil
	}
	digest, reason, _ := strings.Cut(text, " ")
	if digest != refundDigest(r) {
		return payment.Result{}, false, fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	}
	return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.Reason(reason), Reference: pi.ID}, true, nil
}
