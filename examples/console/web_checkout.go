package main

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// checkoutBody is the payment page: what is bought, what it costs, how it is paid.
type checkoutBody struct {
	checkout

	Title   string
	Extend  *subscription.ExtendDelivery
	Upgrade *subscription.UpgradeDelivery
	Grant   *subscription.GrantDelivery
	Free    bool // nothing to pay
	Method  method
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
	return c.showCheckout(w, r, cu, ch, http.StatusOK)
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
		return c.showCheckout(w, r, cu, ch, http.StatusConflict)
	}
	ch, err = c.confirm(r.Context(), ch)
	if errors.Is(err, errRequoted) {
		return c.showCheckout(w, r, cu, ch, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return see(w, r, orderPath(ch.App, ch.Order))
}

func (c *console) showCheckout(w http.ResponseWriter, r *http.Request, cu customer, ch checkout, status int) error {
	body := checkoutBody{checkout: ch, Free: ch.Quote.Amount.Sign() == 0, Return: "/checkout/" + ch.ID}
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
	if body.Method, err = c.provider.method(r.Context(), cu.ID); err != nil {
		return err
	}
	if body.Balance, err = c.accounts.Balance(r.Context(), cu.ID, currency); err != nil {
		return err
	}
	if body.Method == payBalance && !body.Free {
		missing, err := ch.Quote.Amount.Sub(body.Balance)
		if err != nil {
			return err
		}
		if missing.Sign() > 0 {
			body.Short = missing
		}
	}
	return c.render(w, r, status, "checkout", view{Title: body.Title, Section: "packages", Body: body})
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
