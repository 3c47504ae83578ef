package main

import (
	"math"
	"net/http"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// orderBody is the order page of a package.
type orderBody struct {
	Key       string
	Product   pricing.Product
	Currency  pricing.Currency
	Bind      binding
	Versions  []versionCard
	Version   versionCard // the chosen one
	Term      string      // its code
	Offer     pricing.OfferID
	Best      bool        // the customer hasn't chosen the offer; it is the best one
	Offers    []offerCard // for the chosen version and term
	NoAuto    bool
	Agreement agreeing
	Price     *priced // nil if there is none, and Why says why
	Why       *notice
	Once      bool    // a trial, which never renews itself
	Instead   *notice // the package that is out of its period and that this one takes the place of; nil if there is none
}

// priced is a price and what it gives.
type priced struct {
	Amount  pricing.Money
	Lines   []pricing.Line
	Taxes   []pricing.Tax
	Minutes int64
}

// orderPage shows the order page. Choices are in the query, so that each of them has a price without any script.
func (c *console) orderPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.readOrder(r, cu)
	if err != nil {
		return err
	}
	body.Price, body.Why, err = c.price(r, cu, body.Bind, body.purchase())
	if err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "order", view{Title: "Order " + body.Product.Name, Section: "packages", Body: body})
}

// subscribe leads to the payment page, with a quote.
func (c *console) subscribe(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.readOrder(r, cu)
	if err == nil {
		err = agreed(r)
	}
	var ch checkout
	if err == nil {
		ch, err = c.place(r.Context(), cu, body.Bind, body.purchase(), body.Key, r.Referer())
	}
	if err != nil {
		return back(w, r, "/order", err,
			keyField, "product", "app", "new_app", "version", "term", "offer", "best", "shown", "auto", "agree")
	}
	return see(w, r, "/checkout/"+ch.ID)
}

// readOrder reads the choices. What isn't chosen has a default: the first paid version, its first term, the best price
// for this customer, and auto-renewal, which is on.
func (c *console) readOrder(r *http.Request, cu customer) (orderBody, error) {
	product, err := c.catalog.Product(pricing.ProductID(r.FormValue("product")))
	if err != nil {
		return orderBody{}, errNoPage
	}
	body := orderBody{
		Key: formKey(r), Product: product, Currency: c.currencyOf(cu), Agreement: c.agreeing(r, ""),
		Term: r.FormValue("term"), Offer: pricing.OfferID(r.FormValue("offer")),
		NoAuto: r.FormValue("shown") != "" && r.FormValue("auto") == "",
	}
	if body.Bind, err = c.readBinding(r, cu); err != nil {
		return orderBody{}, err
	}
	if r.FormValue("app") == "" {
		body.Bind.without(product.ID)
	}
	for _, v := range c.catalog.Versions(product.ID) {
		card := c.versionCard(v, body.Currency)
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
	body.Instead = c.insteadOf(body.Bind, product.ID)
	body.complete()
	if body.Best = !offerChosen(r) || body.Offer == "" && r.FormValue("offer") != ""; body.Best {
		body.Offer = c.bestOffer(r, cu, body)
	}
	return body, nil
}

// offerChosen reports whether the customer has chosen the offer: whether it isn't the one that the page had chosen, which
// may not be the best one anymore for another application, version or term. An offer that was shown with its price is
// ordered or refused; nothing else is ordered in its place.
func offerChosen(r *http.Request) bool {
	offer, sent := r.Form["offer"]
	best, shown := r.Form["best"]
	left := sent && shown && offer[0] == best[0] && (r.Method == http.MethodGet || offer[0] == "")
	return sent && !left
}

// bestOffer returns the cheapest offer that the customer is entitled to, or "" if none is below the list price.
func (c *console) bestOffer(r *http.Request, cu customer, b orderBody) pricing.OfferID {
	best, lowest := pricing.OfferID(""), int64(math.MaxInt64)
	for _, o := range append([]offerCard{{}}, b.Offers...) { // the first one is the list price
		b.Offer = o.ID
		q, err := c.quote(r.Context(), cu, b.Bind, b.purchase())
		if err == nil && q.Amount.Minor() < lowest {
			best, lowest = o.ID, q.Amount.Minor()
		}
	}
	return best
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

func (b *orderBody) purchase() subscription.Purchase {
	return subscription.Purchase{
		Product: b.Product.ID, Version: b.Version.ID, Term: parseTerm(b.Term), Currency: b.Currency, Offer: b.Offer,
		Agreement: b.Agreement.Version, NoAutoRenew: b.NoAuto && !b.Once,
	}
}

// price returns what a command costs or, if it isn't possible, why.
func (c *console) price(r *http.Request, cu customer, b binding, cmd subscription.Command) (*priced, *notice, error) {
	q, err := c.quote(r.Context(), cu, b, cmd)
	if err == nil {
		return &priced{q.Amount, q.Lines, q.Taxes, granted(q)}, nil, nil
	}
	if why := noticeOf(explain(err)); why != nil {
		return nil, why, nil
	}
	return nil, nil, err
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
