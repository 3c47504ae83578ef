package main

import (
	"net/http"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/topup"
)

// topUpBody is the page of top-up packages.
type topUpBody struct {
	Key       string
	Bind      binding
	Currency  pricing.Currency
	Covers    []pricing.ProductID // that packs are for
	Lasts     []string            // how long packs are valid, each once
	Fixed     []packCard
	Custom    []packCard
	Pack      pricing.PackID // the chosen one
	Own       bool           // it is of the buyer's size
	Quantity  string         // as typed
	Minutes   string         // as typed
	Agreement agreeing
	Price     *priced
	Why       *notice
}

type packCard struct {
	pricing.Pack

	Price pricing.Money // of one; of a custom pack, nothing
	Tiers []tierRow
}

// tierRow is a price per 1,000 minutes, for sizes from a number of minutes.
type tierRow struct {
	From int64
	Rate pricing.Rate
}

func (c *console) topUpPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.readTopUp(r, cu)
	if err != nil {
		return err
	}
	body.Price, body.Why, err = c.price(r, cu, body.Bind, body.command())
	if err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "topup", view{Title: "Top-up packages", Section: "top-up", Body: body})
}

// buyNow leads to the payment page, with a quote.
func (c *console) buyNow(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.readTopUp(r, cu)
	if err == nil {
		err = agreed(r)
	}
	var ch checkout
	if err == nil {
		ch, err = c.place(r.Context(), cu, body.Bind, body.command(), body.Key, r.Referer())
	}
	if err != nil {
		return back(w, r, "/top-up", err, keyField, "app", "new_app", "pack", "quantity", "minutes", "agree")
	}
	return see(w, r, "/checkout/"+ch.ID)
}

// Last is the index of the last product that packs are for.
func (b topUpBody) Last() int { return len(b.Covers) - 1 }

// someMinutes is the size of one's own to begin with.
const someMinutes = "30,000"

// readTopUp reads the choices. Without any, it is one of the first pack.
func (c *console) readTopUp(r *http.Request, cu customer) (topUpBody, error) {
	body := topUpBody{
		Key: formKey(r), Agreement: c.agreeing(r, ""), Quantity: "1", Currency: c.currencyOf(cu),
		Pack: pricing.PackID(r.FormValue("pack")), Minutes: r.FormValue("minutes"),
	}
	if typed := r.FormValue("quantity"); typed != "" {
		body.Quantity = typed
	}
	var err error
	if body.Bind, err = c.readBinding(r, cu); err != nil {
		return topUpBody{}, err
	}
	known := false
	for _, p := range c.catalog.Packs() {
		card, sold := c.packCard(p, body.Currency)
		if !sold {
			continue
		}
		body.covers(p)
		if p.Custom() {
			body.Custom = append(body.Custom, card)
			if body.Minutes != "" { // what is filled in is chosen
				body.Pack = p.ID
			}
		} else {
			body.Fixed = append(body.Fixed, card)
		}
		if p.ID == body.Pack {
			known, body.Own = true, p.Custom()
		}
	}
	if !known && len(body.Fixed) > 0 {
		body.Pack, body.Own = body.Fixed[0].ID, false
	}
	if body.Own && body.Minutes == "" {
		body.Minutes = someMinutes
	}
	return body, nil
}

// covers notes what a pack is for, and how long it is valid.
func (b *topUpBody) covers(p pricing.Pack) {
	for _, id := range p.Products {
		if !slices.Contains(b.Covers, id) {
			b.Covers = append(b.Covers, id)
		}
	}
	if lasts := validityText(p.Validity); !slices.Contains(b.Lasts, lasts) {
		b.Lasts = append(b.Lasts, lasts)
	}
}

// validityText is how long minutes are valid: 12 months, to the end of the month.
func validityText(v pricing.Validity) string {
	text := plural(v.Months, "month")
	if v.ToMonthEnd {
		text += ", to the end of the month"
	}
	return text
}

// packCard returns a pack with its price, and whether it is sold in a currency.
func (c *console) packCard(p pricing.Pack, currency pricing.Currency) (packCard, bool) {
	card := packCard{Pack: p}
	if p.Withdrawn {
		return card, false
	}
	if !p.Custom() {
		price, _, err := c.catalog.PricePack(p.ID, 1, currency)
		card.Price = price.Amount
		return card, err == nil
	}
	for _, from := range p.Tiers {
		size := (max(from, p.Least) + p.Step - 1) / p.Step * p.Step
		price, err := c.catalog.PriceCustomPack(p.ID, size, currency)
		if err != nil || len(price.Lines) == 0 {
			return card, false
		}
		card.Tiers = append(card.Tiers, tierRow{size, price.Lines[0].Unit})
	}
	return card, true
}

func (b *topUpBody) command() topup.Buy {
	buy := topup.Buy{Pack: b.Pack, Currency: b.Currency, Agreement: b.Agreement.Version}
	if b.Own {
		buy.Minutes = wholeNumber(b.Minutes)
	} else {
		buy.Quantity = wholeNumber(b.Quantity)
		if buy.Quantity == 0 {
			buy.Quantity = -1 // 0 would mean 1
		}
	}
	return buy
}
