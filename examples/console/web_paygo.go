package main

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// payAsYouGoBody is the page on which pay-as-you-go is enabled.
type payAsYouGoBody struct {
	Key       string
	App       subscription.Application
	Agreement agreeing
	Rates     []rateRow
	Currency  pricing.Currency
	Lends     bool   // there is an overdraft, or there are grace minutes
	Beyond    string // what happens in prepaid mode to usage that nothing covers
}

// rateRow is the price of a kind of usage.
type rateRow struct {
	pricing.UsageKind

	Rate pricing.Rate // per 1,000 minutes
}

func (c *console) payAsYouGoPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	body := payAsYouGoBody{Key: formKey(r), App: app, Agreement: c.agreeing(r, ""), Currency: c.currencyOf(cu)}
	body.Beyond = c.beyond(app)
	for _, s := range app.Subscriptions {
		body.Lends = body.Lends || app.Overdraft(s.Product, c.catalog, c.clock.now()).Limit > 0
	}
	for _, k := range c.catalog.UsageKinds() {
		if rate, err := c.catalog.UsageRate(k.ID, body.Currency); err == nil {
			body.Rates = append(body.Rates, rateRow{k, rate})
		}
	}
	return c.render(w, r, http.StatusOK, "payg", view{Title: "Pay-as-you-go", Section: "overview", Body: body})
}

func (c *console) enablePayAsYouGo(w http.ResponseWriter, r *http.Request, cu customer) error {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	if err = agreed(r); err == nil {
		cmd := subscription.EnablePayAsYouGo{Currency: c.currencyOf(cu), Agreement: c.catalog.AgreementVersion()}
		_, err = c.service.Do(r.Context(), app.ID, cmd, "go "+formKey(r))
	}
	if err != nil {
		return back(w, r, "/apps/"+url.PathEscape(string(app.ID))+"/pay-as-you-go", err, "agree")
	}
	return see(w, r, "/?notice=go")
}

// claimFree claims the catalog's free minutes for an application.
func (c *console) claimFree(w http.ResponseWriter, r *http.Request, cu customer) error {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	free := pricing.FreeGrantID(r.FormValue("free"))
	if _, err := c.service.Do(r.Context(), app.ID, subscription.ClaimFree{Free: free}, "free "+formKey(r)); err != nil {
		return back(w, r, minutesPath(app.ID), err)
	}
	return see(w, r, minutesPath(app.ID)+"&notice=free")
}

// maxPlayed is the maximum number of minutes that one record of the demonstration has.
const maxPlayed = 1_000_000

// use plays usage: a day's calls in one record. The form's key is the record's ID, so that it counts once.
func (c *console) use(w http.ResponseWriter, r *http.Request, cu customer) error {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	minutes := wholeNumber(r.FormValue("minutes"))
	if minutes < 1 || minutes > maxPlayed {
		return back(w, r, minutesPath(app.ID), bad("minutes"))
	}
	results, err := c.service.Consume(r.Context(), app.ID, subscription.Usage{
		ID: formKey(r), Product: pricing.ProductID(r.FormValue("product")), Kind: pricing.UsageKindID(r.FormValue("kind")),
		At: c.clock.now(), Seconds: 60 * minutes,
	})
	if err != nil {
		return err
	}
	said := "used"
	for _, result := range results {
		err = errors.Join(err, result.Err)
		if result.Duplicate {
			said = "before"
		}
	}
	if err != nil {
		return back(w, r, minutesPath(app.ID), err)
	}
	return see(w, r, minutesPath(app.ID)+"&notice="+said)
}

func minutesPath(app subscription.ApplicationID) string {
	return "/minutes?app=" + url.QueryEscape(string(app))
}
