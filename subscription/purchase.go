package subscription

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Purchase buys a package for the application: a version of a product, for a term. The subscription begins on the day
// of payment, and its minutes are granted then. An automatic renewal of the previous subscription that waits for the
// customer is canceled.
//
// It fails with:
//
//   - [ErrNotFound]: no such application;
//   - [pricing.ErrUnknownProduct], [pricing.ErrUnknownVersion], [pricing.ErrNoPrice], [pricing.ErrUnknownOffer]: not
//     in the catalog;
//   - [ErrNotOnSale]: the version is withdrawn;
//   - [ErrAlreadySubscribed]: a subscription to the product is active or past due, unless it is a trial and the
//     purchase is of a paid version, which closes the trial;
//   - [ErrOrderOpen]: a purchase of the product is still waiting for payment;
//   - [ErrTrialLimit], [ErrOffer]: the application or the account has used up the trial or the offer;
//   - [ErrAgreementRequired]: the agreement in force wasn't accepted;
//   - [ErrNotEligible]: [Options.Eligible] refuses;
//   - the errors of [Draft.Place].
type Purchase struct {
	Product  pricing.ProductID `json:"product"`
	Version  pricing.VersionID `json:"version"`
	Term     pricing.Term      `json:"term"`
	Currency pricing.Currency  `json:"currency"`
	// Offer is a discounted offer in the catalog; "" means the list price. One that is for several periods makes a [Deal]
	// for those that follow.
	Offer pricing.OfferID `json:"offer,omitzero"`
	// Agreement is the version that the customer accepts with the purchase; "" if [Accept] was run before.
	Agreement string `json:"agreement,omitzero"`
	// NoAutoRenew turns off auto-renewal, which is otherwise on. A trial never renews automatically.
	NoAutoRenew bool `json:"no_auto_renew,omitzero"`
}

// Kind returns "purchase".
func (Purchase) Kind() string { return "purchase" }

// Decide implements [Command].
func (c Purchase) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	version, err := cat.Version(c.Product, c.Version)
	if err != nil {
		return Change{}, err
	}
	if version.Withdrawn {
		return Change{}, fmt.Errorf("%w: %s/%s", ErrNotOnSale, c.Product, c.Version)
	}
	holding, offer, err := c.price(s.Application, cat, s.Application.at(now))
	if err != nil {
		return Change{}, err
	}
	app := &s.Application
	if live := app.live(c.Product); live != nil && !replaces(version.IsTrial(), live) {
		return Change{}, fmt.Errorf("%w: %s holds %s", ErrAlreadySubscribed, named(app.ID), live.ID)
	}
	if version.IsTrial() {
		if err := app.checkTrials(version); err != nil {
			return Change{}, err
		}
	}
	trials, paid := app.opened(c.Product)
	id := SubscriptionID(string(c.Product) + "-" + strconv.Itoa(trials+paid+1))
	if o := app.blocking(id); o != nil {
		return Change{}, fmt.Errorf("%w: %s for %s", ErrOrderOpen, o.ID, id)
	}
	d := Begin(s, now)
	agreement, err := d.Agree(cat, c.Agreement)
	if err != nil {
		return Change{}, err
	}
	if old := d.Application.latest(c.Product); old != nil {
		// Only what waits for the customer gives way now; any other order does once the purchase is paid.
		if err := d.Replace(old.ID); err != nil && !errors.Is(err, ErrOrderOpen) {
			return Change{}, err
		}
	}
	price, err := pricing.PricePurchase(item(c.Product, c.Version), holding.Price, 1, cat.Rounding())
	if err != nil {
		return Change{}, err
	}
	_, err = d.Place(Order{
		Kind: PurchaseOrder, Subscription: id, Product: c.Product, Version: c.Version,
		Catalog: cat.Revision(), Agreement: agreement,
		Deliveries: []Delivery{{Extend: &ExtendDelivery{
			Subscription: id, Product: c.Product, Version: c.Version, Term: c.Term, Zone: cat.Zone().Name(),
			Open: true, Trial: version.IsTrial(), AutoRenew: !c.NoAutoRenew && !version.IsTrial(), Offer: c.Offer,
			Count: 1, Price: holding.Price, Minutes: holding.Minutes, Deal: c.deal(version, holding, offer),
		}}},
	}, price, cat)
	return d.Change(), err
}

// deal returns the deal with which the subscription begins: an offer for several periods is one for those that follow.
func (c Purchase) deal(v pricing.Version, h pricing.Package, offer pricing.Offer) *Deal {
	if offer.Periods <= 1 || v.IsTrial() {
		return nil
	}
	return &Deal{Version: c.Version, Term: c.Term, Price: h.Price, Left: offer.Periods - 1, Reason: "offer " + string(c.Offer)}
}

// price returns the price of the first period for this application, and the offer if it is one.
func (c Purchase) price(app Application, cat *pricing.Catalog, now time.Time) (pricing.Package, pricing.Offer, error) {
	if c.Offer == "" {
		h, err := cat.List(c.Product, c.Version, c.Term, c.Currency)
		return h, pricing.Offer{}, err
	}
	h, offer, err := cat.Discounted(c.Product, c.Version, c.Offer, c.Term, c.Currency, now)
	if err != nil {
		return pricing.Package{}, offer, err
	}
	if _, paid := app.opened(c.Product); offer.FirstPurchase && paid > 0 {
		return pricing.Package{}, offer, fmt.Errorf("%w: %s is for a first purchase of %s", ErrOffer, c.Offer, c.Product)
	}
	return h, offer, nil
}

// checkTrials returns [ErrTrialLimit] if the application has used up its trials of the version.
func (a *Application) checkTrials(v pricing.Version) error {
	had := a.bought(bought{product: v.Product, version: v.ID, any: true})
	if had >= v.Trial.PerApplication {
		return fmt.Errorf("%w: %d of %s/%s", ErrTrialLimit, had, v.Product, v.ID)
	}
	return nil
}

// item returns the name of a version on an order line.
func item(product pricing.ProductID, version pricing.VersionID) string {
	return string(product) + "/" + string(version)
}
