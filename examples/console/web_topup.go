package main

import (
	"net/http"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// topUpBody is the page of top-up packages.
type topUpBody struct {
	Key      string
	Bind     binding
	Fixed    []packCard
	Custom   []packCard
	Pack     pricing.PackID // the chosen one
	Own      bool           // it is of the buyer's size
	Quantity string         // as typed
	Minutes  string         // as typed
	Agree    bool
	Docs     pricing.Agreement
	Price    *priced
	Why      *notice
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
	return c.showTopUpPage(w, r, cu, nil)
}

// buyNow leads to the payment page, with a quote.
func (c *console) buyNow(w http.ResponseWriter, r *http.Request, cu customer) error {
	body, err := c.readTopUp(r, cu)
	if err != nil {
		return err
	}
	if !body.Agree {
		return c.showTopUpPage(w, r, cu, explain(subscription.ErrAgreementRequired))
	}
	app, err := c.bind(r.Context(), cu, body.Bind, body.Key)
	if err != nil {
		return c.showTopUpPage(w, r, cu, explain(err))
	}
	ch, err := c.begin(r.Context(), cu, app, body.command(c.catalog.AgreementVersion()), body.Key, r.Referer())
	if err != nil {
		return c.showTopUpPage(w, r, cu, explain(err))
	}
	return see(w, r, "/checkout/"+ch.ID)
}

func (c *console) showTopUpPage(w http.ResponseWriter, r *http.Request, cu customer, problem error) error {
	body, err := c.readTopUp(r, cu)
	if err != nil {
		return err
	}
	cmd := body.command("")
	var price pricing.Price
	minutes := cmd.Minutes
	if body.Own {
		price, err = c.catalog.PriceCustomPack(cmd.Pack, cmd.Minutes, currency)
	} else {
		price, minutes, err = c.catalog.PricePack(cmd.Pack, cmd.Quantity, currency)
	}
	if err != nil {
		body.Why = noticeOf(explain(err))
	} else {
		body.Price = &priced{price.Amount, price.Lines, minutes}
	}
	return c.renderWith(w, r, "topup", view{Title: "Top-up packages", Section: "top-up", Body: body}, problem)
}

// readTopUp reads the choices. Without any, it is one of the first pack.
func (c *console) readTopUp(r *http.Request, cu customer) (topUpBody, error) {
	body := topUpBody{
		Key: formKey(r), Docs: c.catalog.Agreement(), Quantity: "1", Minutes: "30,000", Agree: r.FormValue("agree") != "",
		Pack: pricing.PackID(r.FormValue("pack")),
	}
	if typed := r.FormValue("quantity"); typed != "" {
		body.Quantity = typed
	}
	if typed := r.FormValue("minutes"); typed != "" {
		body.Minutes = typed
	}
	var err error
	if body.Bind, err = c.readBinding(r, cu); err != nil {
		return topUpBody{}, err
	}
	known := false
	for _, p := range c.catalog.Packs() {
		card, sold := c.packCard(p)
		if !sold {
			continue
		}
		if p.Custom() {
			body.Custom = append(body.Custom, card)
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
	return body, nil
}

// packCard returns a pack with its price, and whether it is sold in the console's currency.
func (c *console) packCard(p pricing.Pack) (packCard, bool) {
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

func (b *topUpBody) command(agreement string) topup.Buy {
	buy := topup.Buy{Pack: b.Pack, Currency: currency, Agreement: agreement}
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
