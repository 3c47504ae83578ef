package main

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// autoTopUpBody is the page on which automatic top-ups of an application are turned on and off.
type autoTopUpBody struct {
	Key       string
	App       subscription.Application
	On        []autoTopUpRow
	Products  []pricing.Product // that packs cover
	Packs     []packCard        // fixed ones
	Product   pricing.ProductID // as chosen
	Pack      pricing.PackID    // as chosen
	Below     string            // as typed
	PerPeriod string            // as typed
	Agreement agreeing
}

// autoTopUpRow is an automatic top-up that is on.
type autoTopUpRow struct {
	subscription.AutoTopUp

	Left subscription.Quantity // of the product now
	Says string                // why nothing is bought; "" if nothing is in the way
}

func (c *console) autoTopUpPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	body := autoTopUpBody{
		Key: formKey(r), App: app, Product: pricing.ProductID(r.FormValue("product")), Pack: pricing.PackID(r.FormValue("pack")),
		Below: r.FormValue("below"), PerPeriod: r.FormValue("per_period"), Agreement: c.agreeing(r, ""),
	}
	for _, t := range app.AutoTopUps {
		if !t.Off {
			body.On = append(body.On, autoTopUpRow{t, app.Minutes(t.Product, c.clock.now()), standstill(&t)})
		}
	}
	for _, p := range c.catalog.Packs() {
		if card, sold := c.packCard(p, c.currencyOf(cu)); sold && !p.Custom() {
			body.Packs = append(body.Packs, card)
		}
	}
	for _, p := range c.catalog.Products() {
		if slices.ContainsFunc(body.Packs, func(k packCard) bool { return slices.Contains(k.Products, p.ID) }) {
			body.Products = append(body.Products, p)
		}
	}
	return c.render(w, r, http.StatusOK, "autotopup", view{Title: "Automatic top-up", Section: "overview", Body: body})
}

// standstill says why an automatic top-up buys nothing.
func standstill(t *subscription.AutoTopUp) string {
	switch {
	case t.Stopped != "":
		return "Stopped, because " + reasonText(t.Stopped) + ". It goes on when you report another payment method."
	case t.Obstacle == "limit":
		return "All packs of this period were bought. It goes on with the next period."
	case t.Obstacle == "inactive":
		return "The package isn't active. It goes on once the package runs again."
	case t.Obstacle == "agreement_required":
		return "Stopped by a new agreement. Turn it on again to accept it."
	case t.Obstacle != "":
		return "The pack can't be bought at present."
	case t.Attempts > 0:
		return "The last order wasn't paid. It is tried again later."
	}
	return ""
}

// setAutoTopUp turns an automatic top-up on or off.
func (c *console) setAutoTopUp(w http.ResponseWriter, r *http.Request, cu customer) error {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	cmd := subscription.SetAutoTopUp{Product: pricing.ProductID(r.FormValue("product")), Off: r.FormValue("off") != ""}
	said := "top-up-off"
	if !cmd.Off {
		said = "top-up-on"
		cmd.Pack, cmd.Currency, cmd.Agreement = pricing.PackID(r.FormValue("pack")), c.currencyOf(cu), c.catalog.AgreementVersion()
		below, limit := wholeNumber(r.FormValue("below")), wholeNumber(r.FormValue("per_period"))
		if cmd.Below = subscription.Minutes(below); below < 1 || limit < 1 || limit > 100 {
			err = bad("threshold")
		} else {
			cmd.PerPeriod, err = int(limit), agreed(r)
		}
	}
	if err == nil {
		_, err = c.service.Do(r.Context(), app.ID, cmd, "auto-top-up "+formKey(r))
	}
	if err != nil {
		return back(w, r, autoTopUpPath(app.ID), err, keyField, "product", "pack", "below", "per_period", "agree")
	}
	return see(w, r, autoTopUpPath(app.ID)+"?notice="+said)
}

func autoTopUpPath(app subscription.ApplicationID) string {
	return "/apps/" + url.PathEscape(string(app)) + "/auto-top-up"
}

// Limit says how many packs were bought of those that may be.
func (t autoTopUpRow) Limit() string {
	return strconv.Itoa(t.Bought) + " of " + strconv.Itoa(t.PerPeriod)
}
