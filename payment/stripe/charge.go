package stripe

import (
	"context"
	"fmt"
	"time"

	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
)

// Charge implements [payment.Gateway]. A charge is a payment intent: it is looked for, created without being confirmed,
// bound to its key, and then confirmed. A payment that failed is canceled before the charge is declined; while that isn't
// certain, it is pending. An absent payer's charge that the issuer wants confirmed is declined with
// [payment.NeedsAuthentication].
//
// It fails with [payment.ErrInvalid] too for an amount that the provider can't be asked for: see [Amount], one below its least
// charge or above its greatest, or in a currency that it doesn't charge in for the account of the API key.
func (g *Gateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := c.Validate(); err != nil {
		return payment.Result{}, err
	}
	amount, err := Amount(c.Amount)
	if err != nil {
		return payment.Result{}, err
	}
	pi, err := g.find(ctx, c.Key)
	if err != nil {
		return payment.Result{}, err
	}
	var payer Payer
	if pi == nil || untried(pi) {
		if payer, err = g.payer(ctx, c.Account); err != nil {
			return payment.Result{}, err
		}
	}
	if pi == nil {
		if pi, err = g.create(ctx, c, amount, payer.Customer); err != nil {
			return payment.Result{}, err
		}
	}
	switch {
	case pi.Metadata[metaDigest] != chargeDigest(c):
		return payment.Result{}, fmt.Errorf("%w: charge %q", payment.ErrKeyConflict, c.Key)
	case !untried(pi):
		return g.result(ctx, c.Key, pi)
	case payer.PaymentMethod == "":
		return g.decline(ctx, c.Key, pi, payment.NoPaymentMethod)
	}
	return g.confirm(ctx, c, pi, payer)
}

// payer returns who pays for an account, with the payment method, both empty if there is none.
func (g *Gateway) payer(ctx context.Context, account string) (Payer, error) {
	p, err := g.payers(ctx, account)
	if err != nil {
		return Payer{}, fmt.Errorf("stripe: payer of an account: %w", err)
	}
	if p.Customer == "" {
		return Payer{}, nil
	}
	if p.PaymentMethod != "" {
		return p, nil
	}
	customer, err := g.customer(ctx, p.Customer)
	if customer == nil || err != nil {
		return Payer{}, err
	}
	if s := customer.InvoiceSettings; s != nil && s.DefaultPaymentMethod != nil {
		p.PaymentMethod = s.DefaultPaymentMethod.ID
	}
	return p, nil
}

// confirm asks the provider for the money of an intent that nobody tried to pay yet.
func (g *Gateway) confirm(ctx context.Context, c payment.Charge, pi *stripego.PaymentIntent, payer Payer) (payment.Result, error) {
	err := g.assign(ctx, pi, payer)
	if err == nil {
		var confirmed *stripego.PaymentIntent
		if confirmed, err = g.confirmOnce(ctx, pi.ID, c.Present, payer.PaymentMethod); err == nil {
			return g.result(ctx, c.Key, confirmed)
		}
	}
	e := refused(err)
	if e == nil {
		return payment.Result{}, unknown("confirm a payment intent", err)
	}
	// A decline, or somebody else confirmed or canceled it: the intent tells.
	now, failed := g.retrieve(ctx, pi.ID)
	switch {
	case failed != nil:
		return payment.Result{}, failed
	case !untried(now):
		return g.result(ctx, c.Key, now)
	case e.Type == stripego.ErrorTypeCard || uncharged(e.Code):
		return g.decline(ctx, c.Key, now, reasonOf(e))
	case e.Code == stripego.ErrorCodeResourceMissing || e.Param == "payment_method" || e.Param == "customer":
		return g.decline(ctx, c.Key, now, payment.NoPaymentMethod) // it was detached or belongs to somebody else
	}
	return payment.Result{}, unknown("confirm a payment intent", err)
}

// assign makes the payer's customer that of an intent, which was created for another one or for none.
func (g *Gateway) assign(ctx context.Context, pi *stripego.PaymentIntent, payer Payer) error {
	if pi.Customer != nil && pi.Customer.ID == payer.Customer {
		return nil
	}
	_, err := send(ctx, func() (*stripego.PaymentIntent, error) {
		return g.api.V1PaymentIntents.Update(ctx, pi.ID, &stripego.PaymentIntentUpdateParams{Customer: new(payer.Customer)})
	})
	return err
}

func (g *Gateway) confirmOnce(ctx context.Context, id string, present bool, method string) (*stripego.PaymentIntent, error) {
	return send(ctx, func() (*stripego.PaymentIntent, error) {
		// It has no idempotency key of its own: an intent is paid once, and a key would repeat an HTTP 500 for a day.
		p := &stripego.PaymentIntentConfirmParams{PaymentMethod: new(method)}
		if !present {
			p.OffSession = new(true)
		}
		if g.returnURL != "" {
			p.ReturnURL = new(g.returnURL)
		} else {
			p.UseStripeSDK = new(true)
		}
		p.AddExpand("latest_charge")
		return g.api.V1PaymentIntents.Confirm(ctx, id, p)
	})
}

// untried reports whether nobody has tried to pay an intent. It isn't a charge yet.
func untried(pi *stripego.PaymentIntent) bool {
	switch pi.Status {
	case stripego.PaymentIntentStatusRequiresPaymentMethod, stripego.PaymentIntentStatusRequiresConfirmation:
		return pi.LastPaymentError == nil && pi.LatestCharge == nil && pi.Metadata[metaReason] == ""
	case stripego.PaymentIntentStatusCanceled, stripego.PaymentIntentStatusProcessing, stripego.PaymentIntentStatusRequiresAction,
		stripego.PaymentIntentStatusRequiresCapture, stripego.PaymentIntentStatusSucceeded:
	}
	return false
}

// result returns what a tried intent says of its charge, after it has canceled one that failed.
func (g *Gateway) result(ctx context.Context, key string, pi *stripego.PaymentIntent) (payment.Result, error) {
	switch pi.Status {
	case stripego.PaymentIntentStatusRequiresPaymentMethod, stripego.PaymentIntentStatusRequiresConfirmation:
		reason := payment.Other
		if pi.LastPaymentError != nil {
			reason = reasonOf(pi.LastPaymentError)
		}
		return g.decline(ctx, key, pi, reason)
	case stripego.PaymentIntentStatusCanceled, stripego.PaymentIntentStatusProcessing, stripego.PaymentIntentStatusRequiresAction,
		stripego.PaymentIntentStatusRequiresCapture, stripego.PaymentIntentStatusSucceeded:
	}
	return standing(key, pi)
}

// standing returns what an intent says without anything being done about it: a failed one can still be paid, so it is
// pending.
func standing(key string, pi *stripego.PaymentIntent) (payment.Result, error) {
	r := payment.Result{Key: key, Status: payment.Pending, Reference: pi.ID}
	switch pi.Status {
	case stripego.PaymentIntentStatusSucceeded:
		amount, err := money(pi.AmountReceived, pi.Currency)
		if err != nil {
			return payment.Result{}, fmt.Errorf("%w: %s: %w", errAnswer, pi.ID, err)
		}
		r.Status, r.Amount = payment.Succeeded, amount
		if pi.LatestCharge != nil && pi.LatestCharge.Created != 0 {
			r.At = time.Unix(pi.LatestCharge.Created, 0).UTC()
		}
	case stripego.PaymentIntentStatusCanceled:
		r.Status, r.Reason = payment.Declined, payment.Canceled
		if reason := pi.Metadata[metaReason]; reason != "" && pi.CancellationReason == stripego.PaymentIntentCancellationReasonAbandoned {
			r.Reason = payment.Reason(reason)
		}
	case stripego.PaymentIntentStatusRequiresAction:
		r.Action = action(pi)
	case stripego.PaymentIntentStatusProcessing, stripego.PaymentIntentStatusRequiresCapture,
		stripego.PaymentIntentStatusRequiresPaymentMethod, stripego.PaymentIntentStatusRequiresConfirmation:
	default:
		return payment.Result{}, fmt.Errorf("%w: %s is %.40q", errAnswer, pi.ID, string(pi.Status))
	}
	return r, nil
}

// action returns what the payer has to do.
func action(pi *stripego.PaymentIntent) payment.Action {
	a := payment.Action{Kind: payment.ActionSecret, Value: pi.ClientSecret}
	if n := pi.NextAction; n != nil && n.RedirectToURL != nil {
		a = payment.Action{Kind: payment.ActionRedirect, Value: n.RedirectToURL.URL}
	}
	if a.Validate() != nil {
		return payment.Action{}
	}
	return a
}
