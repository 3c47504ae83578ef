package pricing

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// ProductID names a product, such as "call".
type ProductID string

// VersionID names a package version within its product, such as "group-call".
type VersionID string

// OfferID names a discounted offer within its version.
type OfferID string

// Product is something that packages are sold for, such as Call, Live or Chat.
type Product struct {
	ID   ProductID `json:"id"`
	Name string    `json:"name"`
	// Upgradable says whether packages can be upgraded within their period. It is false for Beauty AR.
	Upgradable bool `json:"upgradable"`
}

// Version is a package version of a product.
type Version struct {
	Product ProductID `json:"product"`
	ID      VersionID `json:"id"`
	Name    string    `json:"name"`
	// Rank orders the versions of a product: an upgrade goes to a strictly higher rank.
	Rank int `json:"rank"`
	// Withdrawn versions are not sold any more; who holds one keeps it, and can upgrade from it.
	Withdrawn bool `json:"withdrawn,omitzero"`
	// Trial is the zero value for a version that is not a trial.
	Trial Trial `json:"trial,omitzero"`
}

// IsTrial reports whether v is a trial: it never renews itself, is not upgraded, and is closed when a
// paid version is purchased.
func (v Version) IsTrial() bool { return v.Trial != Trial{} }

// Trial limits how often a trial can be had.
type Trial struct {
	PerApplication int `json:"per_application"`      // at least 1
	PerAccount     int `json:"per_account,omitzero"` // in all applications of an account; 0: no limit
}

// Offer is a discounted price of a version for one term.
type Offer struct {
	ID            OfferID
	Term          Term
	FirstPurchase bool // only for an application that never paid for this product
	PerAccount    int  // how often an account can have it, in all its applications; 0: no limit
	From, Until   Date // the first and the last day on which it is in force; zero: unbounded
}

// in reports whether the offer is in force on day d.
func (o Offer) in(d Date) bool {
	return (o.From == 0 || d >= o.From) && (o.Until == 0 || d <= o.Until)
}

// Agreement is what customers accept with a purchase: the service level agreement and billing terms.
type Agreement struct {
	Version   string     `json:"version"`
	Documents []Document `json:"documents"`
}

// Document is one text of an agreement.
type Document struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// ServiceTerms is what the terms of sale promise around the end of a period. It is part of the catalog
// and not of a worker's settings, since every reader must see the same status at the same instant.
type ServiceTerms struct {
	// Grace is how long after its end a period's service goes on; a payment meanwhile continues from the end.
	Grace time.Duration
	// Retention is how long after the interruption a subscription can be resumed before it expires.
	Retention time.Duration
	// LateUsage is how long after a lot's end usage from before it is still taken from it.
	LateUsage time.Duration
	// RefundDays is within how many days of its payment a package can be given back, if none of its minutes
	// were used; 0: never.
	RefundDays int
	// Arrears is how long after a failed pay-as-you-go payment the service goes on.
	Arrears time.Duration
}

// Catalog is what is sold: products, versions, prices and terms of sale. It is immutable, safe for
// concurrent use, and complete: whatever [ParseCatalog] returned passed validation.
type Catalog struct {
	revision  string
	notes     string
	zone      Zone
	rounding  Rounding
	dayCount  DayCount
	agreement Agreement
	service   ServiceTerms
	products  []Product
	versions  map[ProductID][]Version // ascending rank
	entries   map[versionKey]entry
	prices    map[priceKey]Package
	offers    map[offerKey]Money
	usage     usage
	packs     []packEntry
	free      []FreeGrant
}

type versionKey struct {
	product ProductID
	version VersionID
}

type priceKey struct {
	versionKey
	term     Term
	currency Currency
}

type offerKey struct {
	versionKey
	offer    OfferID
	currency Currency
}

// entry is what a version has besides its plain facts.
type entry struct {
	version  Version
	features map[string]string
	offers   []Offer
	terms    []Term
}

// orEmpty returns c, or a catalog without anything for none, so that a nil *Catalog sells nothing rather than panic.
func (c *Catalog) orEmpty() *Catalog {
	if c == nil {
		return new(Catalog)
	}
	return c
}

// Revision names the state of the catalog, as its author does.
func (c *Catalog) Revision() string { return c.orEmpty().revision }

// Notes returns the author's remarks.
func (c *Catalog) Notes() string { return c.orEmpty().notes }

// Zone returns the calendar that days are counted in.
func (c *Catalog) Zone() Zone { return c.orEmpty().zone }

// ZoneOf returns the zone of that name, which costs nothing for the catalog's own; periods from an
// earlier catalog may have another, also one that [LoadZone] refuses by now. It fails with [ErrZone].
func (c *Catalog) ZoneOf(name string) (Zone, error) {
	c = c.orEmpty()
	if name == c.zone.Name() {
		return c.zone, nil
	}
	return recordedZone(name)
}

// Rounding returns how amounts are rounded.
func (c *Catalog) Rounding() Rounding { return c.orEmpty().rounding }

// DayCount returns how the rest of a period is measured.
func (c *Catalog) DayCount() DayCount { return c.orEmpty().dayCount }

// ServiceTerms returns what is promised around the end of a period.
func (c *Catalog) ServiceTerms() ServiceTerms { return c.orEmpty().service }

// Agreement returns the agreement in force; its version is "" when nothing has to be accepted.
func (c *Catalog) Agreement() Agreement {
	c = c.orEmpty()
	a := c.agreement
	a.Documents = slices.Clone(a.Documents)
	return a
}

// AgreementVersion returns the version of the agreement in force, "" for none.
func (c *Catalog) AgreementVersion() string { return c.orEmpty().agreement.Version }

// Products returns all products in the order of the file.
func (c *Catalog) Products() []Product { return slices.Clone(c.orEmpty().products) }

// Product returns one product. It fails with [ErrUnknownProduct].
func (c *Catalog) Product(id ProductID) (Product, error) {
	c = c.orEmpty()
	for _, p := range c.products {
		if p.ID == id {
			return p, nil
		}
	}
	return Product{}, fmt.Errorf("%w: %.64q", ErrUnknownProduct, string(id))
}

// Versions returns the versions of a product, ascending by rank; none for an unknown product.
func (c *Catalog) Versions(id ProductID) []Version { return slices.Clone(c.orEmpty().versions[id]) }

// Version returns one version. It fails with [ErrUnknownProduct] or [ErrUnknownVersion].
func (c *Catalog) Version(product ProductID, id VersionID) (Version, error) {
	c = c.orEmpty()
	e, err := c.entry(product, id)
	return e.version, err
}

func (c *Catalog) entry(product ProductID, id VersionID) (entry, error) {
	e, ok := c.entries[versionKey{product, id}]
	if !ok {
		if _, err := c.Product(product); err != nil {
			return entry{}, err
		}
		return entry{}, fmt.Errorf("%w: %.64q of %s", ErrUnknownVersion, string(id), product)
	}
	return e, nil
}

// Features returns what a version offers by name, for example "mau": "5,000"; nil for an unknown one.
func (c *Catalog) Features(product ProductID, id VersionID) map[string]string {
	return maps.Clone(c.orEmpty().entries[versionKey{product, id}].features)
}

// Terms returns the terms that a version is sold for, in the order of the file.
func (c *Catalog) Terms(product ProductID, id VersionID) []Term {
	return slices.Clone(c.orEmpty().entries[versionKey{product, id}].terms)
}

// Offers returns the offers of a version, in the order of the file, in force or not.
func (c *Catalog) Offers(product ProductID, id VersionID) []Offer {
	return slices.Clone(c.orEmpty().entries[versionKey{product, id}].offers)
}

// List returns the list price and the minutes of a version for a term: one period, one price, one
// number of minutes. It fails with [ErrUnknownProduct], [ErrUnknownVersion], and with [ErrNoPrice] for
// a term or currency that the version is not sold for.
func (c *Catalog) List(product ProductID, id VersionID, term Term, currency Currency) (Package, error) {
	c = c.orEmpty()
	h, ok := c.prices[priceKey{versionKey{product, id}, term, currency}]
	if !ok {
		if _, err := c.entry(product, id); err != nil {
			return Package{}, err
		}
		return Package{}, fmt.Errorf("%w: %s/%s, %s, %.16q", ErrNoPrice, product, id, term, string(currency))
	}
	return h, nil
}

// Discounted returns what one period costs under an offer, and its minutes, which are those of the
// list; with the offer, so that the caller can see who may have it. It fails as [Catalog.List] does,
// with [ErrUnknownOffer] for one that the version lacks, that is for another term or that is not in
// force at t, and with [ErrNoPrice].
func (c *Catalog) Discounted(product ProductID, id VersionID, offer OfferID, term Term, currency Currency,
	t time.Time,
) (Package, Offer, error) {
	c = c.orEmpty()
	h, err := c.List(product, id, term, currency)
	if err != nil {
		return Package{}, Offer{}, err
	}
	key := versionKey{product, id}
	offers := c.entries[key].offers
	at := slices.IndexFunc(offers, func(o Offer) bool { return o.ID == offer })
	if at < 0 || offers[at].Term != term || !offers[at].in(c.zone.DateOf(t)) {
		return Package{}, Offer{}, fmt.Errorf("%w: %.64q of %s/%s for %s", ErrUnknownOffer, string(offer), product, id, term)
	}
	price, ok := c.offers[offerKey{key, offer, currency}]
	if !ok {
		return Package{}, Offer{}, fmt.Errorf("%w: offer %s of %s/%s, %.16q", ErrNoPrice, offer, product, id, string(currency))
	}
	h.Price = price
	return h, offers[at], nil
}

// UpgradePath returns the versions that can be upgraded to from the given one: all of a strictly
// higher rank that are on sale, ascending; nil for an unknown version, for the highest one, and for a
// product that is not upgradable.
func (c *Catalog) UpgradePath(product ProductID, from VersionID) []Version {
	c = c.orEmpty()
	e, err := c.entry(product, from)
	if err != nil {
		return nil
	}
	if p, err := c.Product(product); err != nil || !p.Upgradable {
		return nil
	}
	var path []Version
	for _, v := range c.versions[product] {
		if v.Rank > e.version.Rank && !v.Withdrawn && !v.IsTrial() {
			path = append(path, v)
		}
	}
	return path
}

// PricePurchase returns what n periods of a package cost, with one line: n × price.
func PricePurchase(item string, price Money, n int, mode Rounding) (Price, error) {
	return priceTimes(PurchaseLine, item, price, n, mode)
}

// PriceRenewal returns what n further periods of a package cost, with one line: n × price.
func PriceRenewal(item string, price Money, n int, mode Rounding) (Price, error) {
	return priceTimes(RenewalLine, item, price, n, mode)
}

func priceTimes(kind LineKind, item string, price Money, n int, mode Rounding) (Price, error) {
	unit, err := price.Rate()
	if err != nil {
		return Price{}, err
	}
	return Total(price.currency, mode, []Line{{Kind: kind, Item: item, Unit: unit, Times: Ratio{int64(n), 1}}})
}
