package main

import (
	"net/http"
	"net/url"

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
	WhyNot   *notice // the package can't be renewed
	Docs     pricing.Agreement
	Ratio    pricing.Ratio // of the period that is left; zero if no upgrade is possible
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
	return c.showManage(w, r, cu, nil)
}

func (c *console) showManage(w http.ResponseWriter, r *http.Request, cu customer, problem error) error {
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
	body := manageBody{Key: formKey(r), Product: product, Docs: c.catalog.Agreement(), To: pricing.VersionID(r.FormValue("to")), Cycles: 1}
	if n := int(wholeNumber(r.FormValue("cycles"))); n > 0 {
		body.Cycles = n
	}
	if body.Card, err = c.card(ctx, app, s); err != nil {
		return err
	}
	if err := c.upgrades(r, &body, app, s); err != nil {
		return err
	}
	q, err := c.service.Quote(ctx, app.ID, renewal.Renew{Product: product.ID, Cycles: body.Cycles, Agreement: body.Docs.Version})
	if err != nil {
		body.WhyNot = noticeOf(explain(err))
		if body.WhyNot == nil {
			return err
		}
	} else {
		body.Renewal = &priced{q.Amount, q.Lines, granted(q)}
	}
	title := "Renew or upgrade " + product.Name
	return c.renderWith(w, r, "manage", view{Title: title, Section: "product-" + string(product.ID), Body: body}, problem)
}

// upgrades quotes the upgrade to each version of the product. What refuses a quote is why the version isn't offered.
func (c *console) upgrades(r *http.Request, body *manageBody, app subscription.Application, s subscription.Subscription) error {
	for _, v := range c.catalog.Versions(body.Product.ID) {
		row := upgradeRow{Version: v, InForce: v.ID == s.Version()}
		switch {
		case row.InForce:
		case !s.Status.Live():
			row.Why = "The package is out of service. Renew it first"
		default:
			q, err := c.service.Quote(r.Context(), app.ID, subscription.Upgrade{Product: v.Product, To: v.ID, Agreement: body.Docs.Version})
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

// upgrade leads to the payment page, with a quote.
func (c *console) upgrade(w http.ResponseWriter, r *http.Request, cu customer) error {
	return c.change(w, r, cu, subscription.Upgrade{
		Product: pricing.ProductID(r.PathValue("product")), To: pricing.VersionID(r.FormValue("to")),
		Agreement: c.catalog.AgreementVersion(),
	})
}

// renew leads to the payment page, with a quote.
func (c *console) renew(w http.ResponseWriter, r *http.Request, cu customer) error {
	return c.change(w, r, cu, renewal.Renew{
		Product: pricing.ProductID(r.PathValue("product")), Cycles: int(wholeNumber(r.FormValue("cycles"))),
		Agreement: c.catalog.AgreementVersion(),
	})
}

func (c *console) change(w http.ResponseWriter, r *http.Request, cu customer, cmd subscription.Command) error {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	if r.FormValue("agree") == "" {
		return c.showManage(w, r, cu, explain(subscription.ErrAgreementRequired))
	}
	ch, err := c.begin(r.Context(), cu, app.ID, cmd, formKey(r), managePath(app.ID, pricing.ProductID(r.PathValue("product"))))
	if err != nil {
		return c.showManage(w, r, cu, explain(err))
	}
	return see(w, r, "/checkout/"+ch.ID)
}

// autoRenewal turns auto-renewal on or off. It costs nothing, so it needs no quote; the form's key makes a double click
// one request.
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
	if _, err := c.service.Do(r.Context(), app.ID, subscription.AutoRenew{Product: product, On: on}, key); err != nil {
		return err
	}
	said := "auto-off"
	if on {
		said = "auto-on"
	}
	return see(w, r, productPath(product, app.ID)+"&notice="+said)
}

func managePath(app subscription.ApplicationID, product pricing.ProductID) string {
	return "/apps/" + url.PathEscape(string(app)) + "/" + url.PathEscape(string(product))
}

// productPath returns the address of an application card on its product's page.
func productPath(product pricing.ProductID, app subscription.ApplicationID) string {
	return "/products/" + url.PathEscape(string(product)) + "?app=" + url.QueryEscape(string(app))
}
