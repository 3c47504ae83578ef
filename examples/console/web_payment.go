package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// paymentBody is the page of the payment method and the balance.
type paymentBody struct {
	Key       string
	Method    method
	Methods   []method
	Prepaid   bool // there is a balance
	Balance   pricing.Money
	Movements []balance.Movement // the latest first
	Pager     pager
	Amount    string // as typed
	Return    string // the checkout to go back to; "" for none
	Stopped   []stopped
	Would     []tried // what a change of the payment method would charge at once
	Tried     []tried // what the change that led to this page charged
}

func (c *console) paymentPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	ctx := r.Context()
	body := paymentBody{Key: formKey(r), Methods: c.provider.methods(), Amount: r.FormValue("amount"), Return: returnTo(r)}
	body.Prepaid = c.prepaid()
	var err error
	if body.Method, err = c.provider.method(ctx, cu.ID); err != nil {
		return err
	}
	if body.Balance, err = c.accounts.Balance(ctx, cu.ID, c.currencyOf(cu)); err != nil {
		return err
	}
	if body.Stopped, err = c.stopped(ctx, cu); err != nil {
		return err
	}
	if body.Would, err = c.wouldTry(ctx, cu); err != nil {
		return err
	}
	if r.FormValue("notice") == "method" {
		if _, err := c.notes.get(ctx, triedNotes+cu.ID, &body.Tried); err != nil {
			return err
		}
	}
	all, err := list(c.accounts.Statement(ctx, cu.ID), nil)
	if err != nil {
		return err
	}
	slices.Reverse(all)
	body.Movements, body.Pager = paged(r, all, "/payment?page=")
	return c.render(w, r, http.StatusOK, "payment", view{Title: "Payment", Section: "payment", Body: body})
}

// prepaid reports whether accounts can pay from a balance.
func (c *console) prepaid() bool { return slices.Contains(c.provider.methods(), payBalance) }

// maxDeposit is the largest deposit of the demonstration, in minor units.
const maxDeposit = 100_000_00

// deposit adds funds, once per form: its key is the deposit's.
func (c *console) deposit(w http.ResponseWriter, r *http.Request, cu customer) error {
	if !c.prepaid() {
		return errNoPage
	}
	amount, err := typedMoney(r.FormValue("amount"), c.currencyOf(cu))
	if err != nil || amount.Sign() <= 0 || amount.Minor() > maxDeposit {
		return back(w, r, "/payment", bad("amount"), keyField, "amount", "return")
	}
	if err := c.accounts.Deposit(r.Context(), cu.ID, formKey(r), amount); err != nil {
		return err
	}
	return c.mended(w, r, "deposited")
}

// bindMethod binds a payment method, or none.
func (c *console) bindMethod(w http.ResponseWriter, r *http.Request, cu customer) error {
	how := method(r.FormValue("method"))
	if !slices.Contains(c.provider.methods(), how) {
		return back(w, r, "/payment", bad("method"), "return")
	}
	if err := c.provider.setMethod(r.Context(), cu.ID, how); err != nil {
		return err
	}
	tried, err := c.methodChanged(r.Context(), cu)
	if err != nil {
		return err
	}
	if len(tried) > 0 { // it is told before anything else
		return see(w, r, "/payment?notice=method&return="+url.QueryEscape(returnTo(r)))
	}
	return c.mended(w, r, "method")
}

// methodChanged tells the SDK, which then has the worker try at once what had been declined. It returns what was tried, and
// notes it for the page that follows.
func (c *console) methodChanged(ctx context.Context, cu customer) ([]tried, error) {
	for id, err := range c.store.ApplicationsOf(ctx, cu.account()) {
		if err != nil {
			return nil, err
		}
		if _, err := c.service.Do(ctx, id, subscription.PaymentMethodChanged{}, newKey()); err != nil {
			return nil, err
		}
	}
	events, err := c.move(ctx, c.clock.now())
	if err != nil {
		return nil, err
	}
	all, err := c.triedOf(ctx, cu, events)
	if err != nil {
		return nil, err
	}
	return all, c.notes.put(ctx, triedNotes+cu.ID, all)
}

// mended goes back to the checkout that sent the customer here, if one did.
func (c *console) mended(w http.ResponseWriter, r *http.Request, said string) error {
	to := "/payment"
	if back := returnTo(r); back != "" {
		to = back
	}
	return see(w, r, to+"?notice="+said)
}

// returnTo returns the checkout or order that a link on its page came from. Any other address is ignored, so that a link
// from elsewhere leads nowhere else.
func returnTo(r *http.Request) string {
	to := r.FormValue("return")
	if (strings.HasPrefix(to, "/checkout/") || strings.HasPrefix(to, "/orders/")) && !strings.ContainsAny(to, "?#\\\r\n") &&
		!strings.Contains(to, "//") {
		return to
	}
	return ""
}

// missing returns what a balance lacks for a payment by a method, or the zero value if it isn't what pays, or suffices.
func missing(how method, has, amount pricing.Money) (pricing.Money, error) {
	lacks, err := amount.Sub(has)
	if err != nil || how != payBalance || lacks.Sign() <= 0 {
		return pricing.Money{}, err
	}
	return lacks, nil
}
