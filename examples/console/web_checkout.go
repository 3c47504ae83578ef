package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// checkoutBody is the payment page: what is bought, what it costs, how it is paid.
type checkoutBody struct {
	checkout

	Title   string
	Changed notice // why it was quoted again; the zero value for the first quote
	Extend  *subscription.ExtendDelivery
	Upgrade *subscription.UpgradeDelivery
	Grant   *subscription.GrantDelivery
	Given   given             // if it was paid now
	Free    bool              // nothing to pay
	Renews  *renewal.Upcoming // the next automatic charge after it; nil if there is none
	Usual   method            // the account's, which renewals are charged to
	Method  method            // for this order
	Methods []method          // to choose from; none if no method is bound
	Balance pricing.Money
	Short   pricing.Money // what the balance lacks; the zero value if it suffices or isn't what pays
	Return  string        // this page, for links to what mends a payment
}

// checkoutPage shows a checkout. One that was confirmed shows its order, in every tab, and after going back. One whose
// quote has expired is quoted again, and says so.
func (c *console) checkoutPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	ch, err := c.checkout(r.Context(), cu, r.PathValue("id"))
	if err != nil {
		return err
	}
	if ch.Order != "" {
		return see(w, r, orderPath(ch.App, ch.Order)+"?notice=before")
	}
	if !c.clock.now().Before(ch.Quote.ExpiresAt) {
		if ch, err = c.requote(r.Context(), ch); err != nil {
			return err
		}
	}
	return c.showCheckout(w, r, cu, ch)
}

// pay confirms the checkout. However often it is sent, there is one order.
func (c *console) pay(w http.ResponseWriter, r *http.Request, cu customer) error {
	ch, err := c.checkout(r.Context(), cu, r.PathValue("id"))
	if err != nil {
		return err
	}
	if ch.Order != "" {
		return see(w, r, orderPath(ch.App, ch.Order)+"?notice=before")
	}
	if shown := r.FormValue("quote"); shown != ch.Quote.Digest.String() {
		// Another tab has had it quoted again. This one hasn't shown that price.
		return see(w, r, "/checkout/"+ch.ID)
	}
	if ch, err = c.payBy(r.Context(), cu, ch, method(r.FormValue("method"))); err != nil {
		return err
	}
	ch, err = c.confirm(r.Context(), ch)
	if errors.Is(err, errRequoted) {
		return see(w, r, "/checkout/"+ch.ID)
	}
	if err != nil {
		return err
	}
	o, err := c.service.Order(r.Context(), ch.App, ch.Order)
	if err != nil {
		return err
	}
	if bank := redirection(o); bank != "" {
		return see(w, r, bank) // which leads back to the order
	}
	return see(w, r, orderPath(ch.App, ch.Order))
}

// payBy notes how the order is to be paid. A method other than the account's is for this order only.
func (c *console) payBy(ctx context.Context, cu customer, ch checkout, how method) (checkout, error) {
	usual, err := c.provider.method(ctx, cu.ID)
	if err != nil {
		return ch, err
	}
	if usual == payNothing || !slices.Contains(c.provider.choices(usual), how) {
		how = usual
	}
	ch.Method = how
	return ch, c.keep(ctx, ch)
}

func (c *console) showCheckout(w http.ResponseWriter, r *http.Request, cu customer, ch checkout) error {
	body := checkoutBody{checkout: ch, Free: ch.Quote.Amount.Sign() == 0, Return: "/checkout/" + ch.ID}
	now := c.clock.now()
	if change, o, err := c.foresee(r.Context(), ch); err == nil {
		body.Given = c.givenBy(change, o)
		if o.Subscription != "" {
			body.Renews = c.nextCharge(change.Next, o.Subscription, now, now.Add(1)) // this order is charged now
		}
	} // what can't be foreseen can't be confirmed either
	for _, d := range ch.Quote.Deliveries {
		body.Extend, body.Upgrade, body.Grant = d.Extend, d.Upgrade, d.Grant
	}
	switch {
	case body.Extend != nil && body.Extend.Open:
		body.Title = "Subscribe to " + c.productName(body.Extend.Product) + " " + c.versionName(body.Extend.Product, body.Extend.Version)
	case body.Extend != nil:
		body.Title = "Renew " + c.productName(body.Extend.Product) + " " + c.versionName(body.Extend.Product, body.Extend.Version)
	case body.Upgrade != nil:
		product, _ := productOf(ch)
		body.Title = "Upgrade to " + c.productName(product) + " " + c.versionName(product, body.Upgrade.To)
	case body.Grant != nil:
		body.Title = "Buy " + grouped(body.Grant.Minutes) + " minutes"
	}
	var err error
	if ch.Was != nil {
		if body.Changed, err = c.requoted(r.Context(), ch); err != nil {
			return err
		}
	}
	if body.Usual, err = c.provider.method(r.Context(), cu.ID); err != nil {
		return err
	}
	body.Method = cmp.Or(ch.Method, body.Usual)
	if body.Usual != payNothing {
		body.Methods = c.provider.choices(body.Usual)
	}
	if body.Balance, err = c.accounts.Balance(r.Context(), cu.ID, ch.Quote.Amount.Currency()); err != nil {
		return err
	}
	if body.Short, err = missing(body.Method, body.Balance, ch.Quote.Amount); err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "checkout", view{Title: body.Title, Section: "packages", Body: body})
}

// productOf returns the product of an upgrade's checkout: the delivery names only the subscription.
func productOf(ch checkout) (pricing.ProductID, error) {
	cmd, err := ch.command()
	if up, ok := cmd.(subscription.Upgrade); ok {
		return up.Product, nil
	}
	return "", err
}

// orderPath returns the address of an order's page.
func orderPath(app subscription.ApplicationID, order subscription.OrderID) string {
	return "/orders/" + url.PathEscape(string(app)) + "/" + url.PathEscape(string(order))
}
