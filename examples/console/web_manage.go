package main

import (
	"net/http"
	"net/url"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// manageBody is the page to renew or upgrade a package.
type manageBody struct {
	Key      string
	Card     card
	Product  pricing.Product
	Versions []upgradeRow
	Any      bool // there is a version to upgrade to
	To       pricing.VersionID
	Cycles   int
	Renewal  *priced
	WhyNot   *notice       // the package can't be renewed
	Refused  *notice       // not so many periods
	Anew     []versionCard // that can be bought in place of a package that has ended
	Next     []nextChoice  // for the next period; none if the product doesn't allow another

	Path       string
	RenewFirst bool // nothing else is possible before

	AgreeUpgrade, AgreeRenewal agreeing
	Ratio                      pricing.Ratio // of the period that is left; zero if no upgrade is possible
}

// upgradeRow is a version, with what the upgrade to it costs or why it isn't offered.
type upgradeRow struct {
	pricing.Version

	InForce bool
	Quote   *subscription.Quote
	Minutes int64 // granted at once
	Why     string
}

func (c *console) managePage(w http.ResponseWriter, r *http.Request, cu customer) error {
	ctx := r.Context()
	app, err := c.application(ctx, cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	product, err := c.catalog.Product(pricing.ProductID(r.PathValue("product")))
	if err != nil {
		return errNoPage
	}
	s, ok := app.Latest(product.ID)
	if !ok {
		return errNoPage
	}
	body := manageBody{Key: formKey(r), Product: product, To: pricing.VersionID(r.FormValue("to")), Cycles: 1}
	body.AgreeUpgrade, body.AgreeRenewal = c.agreeing(r, upgradeForm), c.agreeing(r, renewalForm)
	if n := int(wholeNumber(r.FormValue("cycles"))); n > 0 {
		body.Cycles = n
	}
	if body.Card, err = c.card(ctx, app, s); err != nil {
		return err
	}
	if s.Status == subscription.Ended {
		body.Anew = c.anew(s)
	} else if err := c.upgrades(r, &body, app, s); err != nil {
		return err
	}
	body.Next = c.nextChoices(app, s)
	body.Path, body.RenewFirst = managePath(app.ID, product.ID), !s.Status.Live()
	if err := c.renewalPrice(r, cu, &body); err != nil {
		return err
	}
	title := "Renew or upgrade " + product.Name
	return c.render(w, r, http.StatusOK, "manage", view{Title: title, Section: "product-" + string(product.ID), Body: body})
}

// renewalPrice quotes the renewal. What refuses one period is why the package can't be renewed; more may be too many.
func (c *console) renewalPrice(r *http.Request, cu customer, body *manageBody) (err error) {
	b := binding{Apps: []subscription.Application{body.Card.App}, App: string(body.Card.App.ID)}
	cmd := renewal.Renew{Product: body.Product.ID, Cycles: body.Cycles, Agreement: c.catalog.AgreementVersion()}
	if body.Renewal, body.Refused, err = c.price(r, cu, b, cmd); err != nil || body.Renewal != nil {
		return err
	}
	cmd.Cycles = 1
	if _, body.WhyNot, err = c.price(r, cu, b, cmd); err == nil && body.WhyNot == nil {
		body.Refused = noticeOf(bad("periods"))
	}
	return err
}

// anew returns the versions that can be bought in place of a package that has ended.
func (c *console) anew(s subscription.Subscription) []versionCard {
	var all []versionCard
	for _, v := range c.catalog.Versions(s.Product) {
		if card := c.versionCard(v, s.Currency); !v.IsTrial() && !v.Withdrawn && len(card.Terms) > 0 {
			all = append(all, card)
		}
	}
	return all
}

// upgrades quotes the upgrade to each version of the product. What refuses a quote is why the version isn't offered.
func (c *console) upgrades(r *http.Request, body *manageBody, app subscription.Application, s subscription.Subscription) error {
	for _, v := range c.catalog.Versions(body.Product.ID) {
		row := upgradeRow{Version: v, InForce: v.ID == s.Version() && s.InService()}
		switch {
		case row.InForce:
		case !s.Status.Live():
			row.Why = "The package is out of service. Renew it first"
		default:
			cmd := subscription.Upgrade{Product: v.Product, To: v.ID, Agreement: c.catalog.AgreementVersion()}
			q, err := c.service.Quote(r.Context(), app.ID, cmd)
			if err == nil {
				row.Quote, row.Minutes, body.Any = &q, granted(q), true
				if body.To == "" {
					body.To = v.ID
				}
				body.Ratio = q.Lines[0].Times
			} else if told := noticeOf(explain(err)); told != nil {
				row.Why = told.Title
				if v.IsTrial() {
					row.Why = "A trial comes before a paid version only"
				}
			} else {
				return err
			}
		}
		body.Versions = append(body.Versions, row)
	}
	return nil
}

// The forms of the page.
const (
	upgradeForm = "upgrade"
	renewalForm = "renew"
)

// upgrade leads to the payment page, with a quote.
func (c *console) upgrade(w http.ResponseWriter, r *http.Request, cu customer) error {
	return c.change(w, r, cu, upgradeForm, subscription.Upgrade{
		Product: pricing.ProductID(r.PathValue("product")), To: pricing.VersionID(r.FormValue("to")),
		Agreement: c.catalog.AgreementVersion(),
	})
}

// renew leads to the payment page, with a quote.
func (c *console) renew(w http.ResponseWriter, r *http.Request, cu customer) error {
	return c.change(w, r, cu, renewalForm, renewal.Renew{
		Product: pricing.ProductID(r.PathValue("product")), Cycles: int(wholeNumber(r.FormValue("cycles"))),
		Agreement: c.catalog.AgreementVersion(),
	})
}

func (c *console) change(w http.ResponseWriter, r *http.Request, cu customer, form string, cmd subscription.Command) error {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	page := managePath(app.ID, pricing.ProductID(r.PathValue("product")))
	var ch checkout
	if err = agreed(r); err == nil {
		ch, err = c.begin(r.Context(), cu, app.ID, cmd, formKey(r), page)
	}
	if err != nil {
		return back(w, r, page+"?"+formField+"="+form, err, keyField, "to", "cycles", "agree")
	}
	return see(w, r, "/checkout/"+ch.ID)
}

// autoRenewal turns auto-renewal on or off. It costs nothing by itself, so it needs no quote; the form's key makes a double
// click one request. Turned on for a package that has ended, it makes the next period due, which the worker charges if its
// schedule has an attempt now.
func (c *console) autoRenewal(w http.ResponseWriter, r *http.Request, cu customer) error {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	product := pricing.ProductID(r.PathValue("product"))
	on := r.FormValue("on") == "yes"
	key := "auto off " + formKey(r)
	if on {
		key = "auto on " + formKey(r)
	}
	before, _ := app.Latest(product)
	if _, err := c.service.Do(r.Context(), app.ID, subscription.AutoRenew{Product: product, On: on}, key); err != nil {
		return back(w, r, productPath(product, app.ID), err)
	}
	if on && before.Status == subscription.Ended && before.InService() {
		if _, err := c.move(r.Context(), c.clock.now()); err != nil {
			return err
		}
	}
	how, err := c.provider.method(r.Context(), cu.ID)
	if err != nil {
		return err
	}
	return see(w, r, productPath(product, app.ID)+"&notice="+autoSaid(on, before, c.clock.now(), how))
}

// autoSaid names the notice that tells what turning auto-renewal on or off did to a subscription as it was before.
func autoSaid(on bool, before subscription.Subscription, now time.Time, how method) string {
	switch {
	case on && before.Status == subscription.Ended && before.InService():
		return "auto-on-now"
	case on && !before.InService():
		return "auto-on-later"
	case on && how == payBalance:
		return "auto-on-balance"
	case on:
		return "auto-on"
	case before.InService() && !now.Before(before.End()):
		return "auto-off-ended"
	}
	return "auto-off"
}

func managePath(app subscription.ApplicationID, product pricing.ProductID) string {
	return "/apps/" + url.PathEscape(string(app)) + "/" + url.PathEscape(string(product))
}

// productPath returns the address of an application card on its product's page.
func productPath(product pricing.ProductID, app subscription.ApplicationID) string {
	return "/products/" + url.PathEscape(string(product)) + "?app=" + url.QueryEscape(string(app))
}
