package simulation

import (
	"math/rand/v2"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// intent draws a request from the catalog in force and, like a real customer, from a brief look at what the application
// holds. It returns nil for no request. Many requests will be refused.
type intent func(w *world, c *customer, rng *rand.Rand) subscription.Command

// intents are all the requests of customers.
func intents() []intent { return append(packageIntents(), minutesIntents()...) }

// packageIntents are about packages. Every customer starts with the first one; the first four can be quoted.
func packageIntents() []intent {
	return []intent{
		buy, upgrade, renew, buyAnything, upgrade, renew, switchAutoRenew, cancelOrder, accept, renew, changeMethod, setTax,
		changeAtRenewal, agreeDeal, changeAtRenewal, agreeDeal,
	}
}

// buy requests something that is certainly on sale.
func buy(w *world, _ *customer, rng *rand.Rand) subscription.Command {
	p := subscription.Purchase{
		Product: "call", Version: "group", Term: pricing.Months(1), Currency: "USD", Agreement: w.catalog().AgreementVersion(),
	}
	switch rng.IntN(4) {
	case 0:
		p.Product, p.Version = "live", "pro"
		if rng.IntN(2) == 0 && !withdrawn(w, "live", "lite") {
			p.Version = "lite"
		}
	case 1:
		if !withdrawn(w, "call", "one") {
			p.Version, p.Offer = "one", "first"
		}
	case 2:
		p.Currency = "JPY"
	}
	return p
}

func withdrawn(w *world, product pricing.ProductID, version pricing.VersionID) bool {
	v, err := w.catalog().Version(product, version)
	return err != nil || v.Withdrawn
}

// buyAnything draws from the whole catalog, including trials, offers, withdrawn versions, and what the application
// already holds.
func buyAnything(w *world, _ *customer, rng *rand.Rand) subscription.Command {
	cat := w.catalog()
	products := cat.Products()
	product := products[rng.IntN(len(products))].ID
	versions := cat.Versions(product)
	version := versions[rng.IntN(len(versions))].ID
	terms := cat.Terms(product, version)
	p := subscription.Purchase{
		Product: product, Version: version, Term: terms[rng.IntN(len(terms))], Currency: "USD",
		NoAutoRenew: rng.IntN(5) == 0, Agreement: agreement(w, rng),
	}
	if offers := cat.Offers(product, version); len(offers) > 0 && rng.IntN(2) == 0 {
		p.Offer = offers[rng.IntN(len(offers))].ID
	}
	return p
}

// agreement accepts the agreement in force, most of the time.
func agreement(w *world, rng *rand.Rand) string {
	if rng.IntN(5) == 0 {
		return "" // it may have been accepted before
	}
	return w.catalog().AgreementVersion()
}

func upgrade(w *world, c *customer, rng *rand.Rand) subscription.Command {
	s, ok := glance(w, c, rng)
	if !ok {
		return nil
	}
	versions := w.catalog().UpgradePath(s.Product, s.Version())
	if len(versions) == 0 || rng.IntN(5) == 0 {
		versions = w.catalog().Versions(s.Product)
	}
	return subscription.Upgrade{
		Product: s.Product, To: versions[rng.IntN(len(versions))].ID, Agreement: agreement(w, rng),
	}
}

func renew(w *world, c *customer, rng *rand.Rand) subscription.Command {
	s, ok := glance(w, c, rng)
	if !ok {
		return nil
	}
	return renewal.Renew{Product: s.Product, Cycles: rng.IntN(4), Agreement: agreement(w, rng)}
}

func switchAutoRenew(w *world, c *customer, rng *rand.Rand) subscription.Command {
	s, ok := glance(w, c, rng)
	if !ok {
		return nil
	}
	return subscription.AutoRenew{Product: s.Product, On: rng.IntN(3) != 0}
}

// changeAtRenewal chooses a version and term for the next renewal, or undoes that.
func changeAtRenewal(w *world, c *customer, rng *rand.Rand) subscription.Command {
	s, ok := glance(w, c, rng)
	if !ok || rng.IntN(4) == 0 {
		s.Product = "live" // the one that allows it
	}
	cmd := subscription.ChangeAtRenewal{Product: s.Product}
	if versions := w.catalog().Versions(s.Product); rng.IntN(5) > 0 {
		cmd.Version = versions[rng.IntN(len(versions))].ID
		if terms := w.catalog().Terms(s.Product, cmd.Version); rng.IntN(3) > 0 {
			cmd.Term = terms[rng.IntN(len(terms))]
		}
	}
	return cmd
}

// agreeDeal agrees a price for some further periods, often of the version and term that the customer has, or ends a deal.
func agreeDeal(w *world, c *customer, rng *rand.Rand) subscription.Command {
	s, ok := glance(w, c, rng)
	if !ok {
		return nil
	}
	cmd := subscription.SetDeal{Product: s.Product, Periods: rng.IntN(4), Reason: "a good customer"}
	if rng.IntN(4) == 0 {
		versions := w.catalog().Versions(s.Product)
		cmd.Version = versions[rng.IntN(len(versions))].ID
	}
	n := int64(0)
	switch rng.IntN(6) {
	case 0:
		return cmd
	case 1: // for nothing
	default:
		n = int64(100 + rng.IntN(10_000))
	}
	price, err := pricing.FromMinor(n, s.Currency)
	if err != nil {
		return nil
	}
	cmd.Price = price
	return cmd
}

// cancelOrder cancels an order that isn't paid yet, or tries to: an order for usage can't be canceled, since usage is
// owed.
func cancelOrder(w *world, c *customer, rng *rand.Rand) subscription.Command {
	open := w.store.states[c.id].Orders
	if len(open) == 0 {
		return nil
	}
	return subscription.Cancel{Order: open[rng.IntN(len(open))].ID}
}

func accept(w *world, _ *customer, _ *rand.Rand) subscription.Command {
	return subscription.Accept{Agreement: w.catalog().AgreementVersion()}
}

func changeMethod(*world, *customer, *rand.Rand) subscription.Command {
	return subscription.PaymentMethodChanged{}
}

func setTax(_ *world, _ *customer, rng *rand.Rand) subscription.Command {
	all := []subscription.SetTax{{Region: "north"}, {Region: "south", Number: "S-1"}, {Region: "north", Exempt: "a school"}, {}}
	return all[rng.IntN(len(all))]
}

// glance returns one of the subscriptions that the application holds.
func glance(w *world, c *customer, rng *rand.Rand) (subscription.Subscription, bool) {
	held := w.store.states[c.id].Subscriptions
	if len(held) == 0 {
		return subscription.Subscription{}, false
	}
	return held[rng.IntN(len(held))], true
}
