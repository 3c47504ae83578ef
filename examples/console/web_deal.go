package main

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// dealForm is the price that the seller's staff agrees with a customer, as it was typed.
type dealForm struct {
	For     string // version and term: team/1m
	Price   string
	Good    bool   // for good
	Periods string // unless it is for good
	Reason  string
}

// dealBody is the page on which the seller's staff agrees a price for further periods.
type dealBody struct {
	dealForm

	Key      string
	Path     string
	Revision int64
	App      subscription.Application
	Sub      subscription.Subscription
	Deal     string // the one that is agreed now; "" if none is
	Versions []dealVersion
	Asked    bool                 // the form is filled in: the page tells what it would do
	Events   []subscription.Event // what would happen
	Charges  []renewal.Upcoming   // that would follow
	Next     *next                // the next period as it would be
	Refused  *notice
	Tell     teller
}

// dealVersion is what a price can be agreed for.
type dealVersion struct{ Value, Text string }

// dealFields are the names of the form's fields.
func dealFields() []string { return []string{keyField, "for", "price", "until", "periods", "reason"} }

// shownCharges is how many charges the page foretells.
const shownCharges = 4

// dealMonths is how far ahead it looks for them.
const dealMonths = 25

func readDeal(r *http.Request) dealForm {
	f := dealForm{
		For: r.FormValue("for"), Price: strings.TrimSpace(r.FormValue("price")), Good: r.FormValue("until") == "good",
		Periods: strings.TrimSpace(r.FormValue("periods")), Reason: strings.TrimSpace(r.FormValue("reason")),
	}
	if f.Periods == "" {
		f.Periods = "3"
	}
	return f
}

// command returns what the form asks for.
func (f dealForm) command(s subscription.Subscription) (subscription.SetDeal, error) {
	cmd := subscription.SetDeal{Product: s.Product, Reason: f.Reason}
	version, term, _ := strings.Cut(f.For, "/")
	cmd.Version, cmd.Term = pricing.VersionID(version), parseTerm(term)
	var err error
	if cmd.Price, err = typedMoney(f.Price, s.Currency); err != nil || cmd.Price.Sign() < 0 {
		return cmd, bad("deal_price")
	}
	if f.Good {
		return cmd, nil
	}
	const most = 1000
	if cmd.Periods = int(wholeNumber(f.Periods)); cmd.Periods < 1 || cmd.Periods > most {
		return cmd, bad("deal_periods")
	}
	return cmd, nil
}

// readDealBody reads the package that a request is about, and the form.
func (c *console) readDealBody(r *http.Request, cu customer) (dealBody, error) {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return dealBody{}, err
	}
	product := pricing.ProductID(r.PathValue("product"))
	s, ok := subscribed(app, product)
	if !ok || s.Trial {
		return dealBody{}, errNoPage
	}
	body := dealBody{
		dealForm: readDeal(r), Key: formKey(r), Path: managePath(app.ID, product) + "/deal", App: app, Sub: s, Deal: c.dealText(s),
	}
	if body.For == "" {
		version, term := s.Last()
		body.For = string(version) + "/" + termCode(term)
	}
	for _, v := range c.catalog.Versions(product) {
		for _, term := range c.catalog.Terms(product, v.ID) {
			list, err := c.catalog.List(product, v.ID, term, s.Currency)
			if err != nil || v.IsTrial() {
				continue
			}
			body.Versions = append(body.Versions, dealVersion{
				string(v.ID) + "/" + termCode(term), v.Name + " for " + term.String() + ", list price " + money(list.Price),
			})
		}
	}
	return body, nil
}

func (c *console) dealPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.readDealBody(r, cu)
	if err != nil {
		return err
	}
	if body.Asked = body.Price != "" && !r.URL.Query().Has(problemField); body.Asked {
		change, err := c.foreseeDeal(body)
		if body.Refused = noticeOf(explain(err)); err != nil && body.Refused == nil {
			return err
		}
		if err == nil {
			body.Revision, body.Events = body.App.Revision, change.Events
			s, _ := change.Next.Latest(body.Sub.Product)
			body.Next = c.next(change.Next, s)
			body.Charges = c.charges(change.Next, s.ID)
		}
	}
	if body.Tell, err = c.teller(r.Context(), body.App.ID); err != nil {
		return err
	}
	section := "product-" + string(body.Sub.Product)
	return c.render(w, r, http.StatusOK, "deal", view{Title: "Agree a price", Section: section, Body: body})
}

// foreseeDeal returns the change that agreeing the price would make now. Nothing is stored.
func (c *console) foreseeDeal(body dealBody) (subscription.Change, error) {
	cmd, err := body.command(body.Sub)
	if err != nil {
		return subscription.Change{}, err
	}
	return cmd.Decide(subscription.Snapshot{Application: body.App}, c.catalog, c.clock.now())
}

// charges returns the next charges for a subscription.
func (c *console) charges(app subscription.Application, id subscription.SubscriptionID) []renewal.Upcoming {
	var all []renewal.Upcoming
	now := c.clock.now()
	for u := range renewal.Preview(app, c.policy, c.catalog, now, now.AddDate(0, dealMonths, 0)) {
		if u.Subscription == id && len(u.Lines) > 0 {
			all = append(all, u)
		}
		if len(all) == shownCharges {
			break
		}
	}
	return all
}

// agreeDeal agrees the price as it was foreseen, or ends the one that is agreed. If something has happened since, the page
// says anew what it would do.
func (c *console) agreeDeal(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.readDealBody(r, cu)
	if err != nil {
		return err
	}
	cmd, key, said := subscription.SetDeal{Product: body.Sub.Product, Reason: body.Reason}, "deal end "+body.Key, "deal-ended"
	if r.FormValue("do") != "end" {
		if cmd, err = body.command(body.Sub); err != nil {
			return back(w, r, body.Path, err, dealFields()...)
		}
		key, said = "deal "+body.Key, "deal"
	}
	done, err := c.requested(r.Context(), body.App.ID, key)
	if err != nil {
		return err
	}
	if !done && r.FormValue("revision") != strconv.FormatInt(body.App.Revision, 10) {
		return back(w, r, body.Path, bad("deal_changed"), dealFields()...)
	}
	if _, err := c.service.As(staffName, body.Reason).Do(r.Context(), body.App.ID, cmd, key); err != nil {
		return back(w, r, body.Path, err, dealFields()...)
	}
	return see(w, r, body.Path+"?notice="+said)
}
