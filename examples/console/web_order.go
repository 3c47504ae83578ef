package main

import (
	"net/http"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// orderBody is the order page of a package.
type orderBody struct {
	Key      string
	Product  pricing.Product
	Bind     binding
	Versions []versionCard
	Version  versionCard // the chosen one
	Term     string      // its code
	Offer    pricing.OfferID
	Offers   []offerCard // for the chosen version and term
	NoAuto   bool
	Agree    bool
	Docs     pricing.Agreement
	Price    *priced // nil if there is none, and Why says why
	Why      *notice
	Once     bool // a trial, which never renews itself
}

// priced is a price and what it gives.
type priced struct {
	Amount  pricing.Money
	Lines   []pricing.Line
	Minutes int64
}

// orderPage shows the order page. Choices are in the query, so that each of them has a price without any script.
func (c *console) orderPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	return c.showOrderPage(w, r, cu, nil)
}

// subscribe leads to the payment page, with a quote.
func (c *console) subscribe(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.readOrder(r, cu)
	if err != nil {
		return err
	}
	if !body.Agree {
		return c.showOrderPage(w, r, cu, explain(subscription.ErrAgreementRequired))
	}
	app, err := c.bind(r.Context(), cu, body.Bind, body.Key)
	if err != nil {
		return c.showOrderPage(w, r, cu, explain(err))
	}
	ch, err := c.begin(r.Context(), cu, app, body.purchase(c.catalog.AgreementVersion()), body.Key, r.Referer())
	if err != nil {
		return c.showOrderPage(w, r, cu, explain(err))
	}
	return see(w, r, "/checkout/"+ch.ID)
}

func (c *console) showOrderPage(w http.ResponseWriter, r *http.Request, cu customer, problem error) error {
	body, err := c.readOrder(r, cu)
	if err != nil {
		return err
	}
	c.price(r, &body)
	return c.renderWith(w, r, "order", view{Title: "Order " + body.Product.Name, Section: "packages", Body: body}, problem)
}

// readOrder reads the choices. What isn't chosen has a default: the first paid version, its first term, the list price,
// and auto-renewal, which is on.
func (c *console) readOrder(r *http.Request, cu customer) (orderBody, error) {
	product, err := c.catalog.Product(pricing.ProductID(r.FormValue("product")))
	if err != nil {
		return orderBody{}, errNoPage
	}
	body := orderBody{
		Key: formKey(r), Product: product, Docs: c.catalog.Agreement(),
		Term: r.FormValue("term"), Offer: pricing.OfferID(r.FormValue("offer")),
		NoAuto: r.FormValue("shown") != "" && r.FormValue("auto") == "", Agree: r.FormValue("agree") != "",
	}
	if body.Bind, err = c.readBinding(r, cu); err != nil {
		return orderBody{}, err
	}
	for _, v := range c.catalog.Versions(product.ID) {
		card := c.versionCard(v)
		if v.Withdrawn || len(card.Terms) == 0 {
			continue
		}
		body.Versions = append(body.Versions, card)
		asked := r.FormValue("version")
		if string(v.ID) == asked || body.Version.ID == "" || asked == "" && body.Version.IsTrial() {
			body.Version = card
		}
	}
	if body.Version.ID == "" {
		return orderBody{}, explain(subscription.ErrNotOnSale)
	}
	body.Once = body.Version.IsTrial()
	body.complete()
	return body, nil
}

// complete corrects a term and an offer that the version doesn't have.
func (b *orderBody) complete() {
	term := b.Version.Terms[0].Code
	for _, t := range b.Version.Terms {
		if t.Code == b.Term {
			term = b.Term
		}
	}
	b.Term = term
	known := false
	for _, o := range b.Version.Offers {
		if o.Code == term {
			b.Offers = append(b.Offers, o)
			known = known || o.ID == b.Offer
		}
	}
	if !known {
		b.Offer = ""
	}
}

func (b *orderBody) purchase(agreement string) subscription.Purchase {
	return subscription.Purchase{
		Product: b.Product.ID, Version: b.Version.ID, Term: parseTerm(b.Term), Currency: currency, Offer: b.Offer,
		Agreement: agreement, NoAutoRenew: b.NoAuto && !b.Once,
	}
}

// price fills in what the choices cost: a quote or, for an application that doesn't exist yet, the price in the catalog.
func (c *console) price(r *http.Request, b *orderBody) {
	cmd := b.purchase(c.catalog.AgreementVersion())
	var err error
	if app := b.Bind.Chosen(); app != nil {
		var q subscription.Quote
		if q, err = c.service.Quote(r.Context(), app.ID, cmd); err == nil {
			b.Price = &priced{q.Amount, q.Lines, granted(q)}
		}
	} else {
		b.Price, err = c.listed(cmd)
	}
	if err != nil {
		b.Why = noticeOf(explain(err))
	}
}

// listed returns a price of the catalog.
func (c *console) listed(cmd subscription.Purchase) (*priced, error) {
	p, err := c.catalog.List(cmd.Product, cmd.Version, cmd.Term, cmd.Currency)
	if err == nil && cmd.Offer != "" {
		p, _, err = c.catalog.Discounted(cmd.Product, cmd.Version, cmd.Offer, cmd.Term, cmd.Currency, c.clock.now())
	}
	if err != nil {
		return nil, err
	}
	price, err := pricing.PricePurchase(string(cmd.Product)+"/"+string(cmd.Version), p.Price, 1, c.catalog.Rounding())
	return &priced{price.Amount, price.Lines, p.Minutes}, err
}

// granted returns the minutes that a quote gives, in each period if there are several.
func granted(q subscription.Quote) int64 {
	var sum int64
	for _, d := range q.Deliveries {
		switch {
		case d.Extend != nil:
			sum += d.Extend.Minutes
		case d.Upgrade != nil:
			sum += d.Upgrade.Grant
		case d.Grant != nil:
			sum += d.Grant.Minutes
		}
	}
	return sum
}
