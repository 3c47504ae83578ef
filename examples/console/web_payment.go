package main

import (
	"context"
	"net/http"
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
	Balance   pricing.Money
	Movements []balance.Movement // the latest first
	Pager     pager
	Amount    string // as typed
	Return    string // the checkout to go back to; "" for none
}

func (c *console) paymentPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	return c.showPayment(w, r, cu, nil)
}

func (c *console) showPayment(w http.ResponseWriter, r *http.Request, cu customer, problem error) error {
	ctx := r.Context()
	body := paymentBody{Key: formKey(r), Methods: methods(), Amount: r.FormValue("amount"), Return: returnTo(r)}
	var err error
	if body.Method, err = c.provider.method(ctx, cu.ID); err != nil {
		return err
	}
	if body.Balance, err = c.accounts.Balance(ctx, cu.ID, currency); err != nil {
		return err
	}
	var all []balance.Movement
	for m, err := range c.accounts.Statement(ctx, cu.ID) {
		if err != nil {
			return err
		}
		all = append(all, m)
	}
	slices.Reverse(all)
	body.Movements, body.Pager = paged(r, all, "/payment?page=")
	return c.renderWith(w, r, "payment", view{Title: "Payment", Section: "payment", Body: body}, problem)
}

// maxDeposit is the largest deposit of the demonstration, in minor units.
const maxDeposit = 100_000_00

// deposit adds funds, once per form: its key is the deposit's.
func (c *console) deposit(w http.ResponseWriter, r *http.Request, cu customer) error {
	amount, err := pricing.ParseMoney(strings.ReplaceAll(strings.TrimSpace(r.FormValue("amount")), ",", ""), currency)
	if err != nil || amount.Sign() <= 0 || amount.Minor() > maxDeposit {
		return c.showPayment(w, r, cu, bad("Please enter an amount", "It is more than 0 and at most 100,000.00 USD, such as 500 or 99.50."))
	}
	if err := c.accounts.Deposit(r.Context(), cu.ID, formKey(r), amount); err != nil {
		return err
	}
	return c.mended(w, r, "deposited")
}

// bindMethod binds a payment method, or none.
func (c *console) bindMethod(w http.ResponseWriter, r *http.Request, cu customer) error {
	how := method(r.FormValue("method"))
	if !slices.Contains(methods(), how) {
		return c.showPayment(w, r, cu, bad("Please choose a payment method", "Nothing was changed."))
	}
	if err := c.provider.setMethod(r.Context(), cu.ID, how); err != nil {
		return err
	}
	if err := c.methodChanged(r.Context(), cu); err != nil {
		return err
	}
	return c.mended(w, r, "method")
}

// methodChanged tells the SDK, which tries at once what had been declined.
func (c *console) methodChanged(ctx context.Context, cu customer) error {
	for id, err := range c.store.ApplicationsOf(ctx, cu.account()) {
		if err != nil {
			return err
		}
		if _, err := c.service.Do(ctx, id, subscription.PaymentMethodChanged{}, newKey()); err != nil {
			return err
		}
	}
	return nil
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
