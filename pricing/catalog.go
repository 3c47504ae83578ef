package pricing

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// ProductID identifies a product, such as "call".
type ProductID string

// VersionID identifies a package version within its product, such as "group-call".
type VersionID string

// OfferID identifies a discounted offer within its version.
type OfferID string

// Product is a product line that packages are sold for, such as Call, Live or Chat.
type Product struct {
	ID   ProductID `json:"id"`
	Name string    `json:"name"`
	// Upgradable reports whether packages can be upgraded within their period. It is false for Beauty AR.
	Upgradable bool `json:"upgradable"`
	// ChangesAtRenewal reports whether customers can choose another version or term for the first period that isn't paid
	// for.
	ChangesAtRenewal bool `json:"changes,omitzero"`
}

// Version is a package version of a product.
type Version struct {
	Product ProductID `json:"product"`
	ID      VersionID `json:"id"`
	Name    string    `json:"name"`
	// Rank orders the versions of a product. An upgrade always goes to a strictly higher rank.
	Rank int `json:"rank"`
	// Withdrawn versions are no longer sold. Existing subscribers keep them and can upgrade from them.
	Withdrawn bool `json:"withdrawn,omitzero"`
	// Trial is the zero value if the version is not a trial.
	Trial Trial `json:"trial,omitzero"`
	// OverdraftMinutes is the number of package minutes that can be used beyond what is there while a period is paid for,
	// and GraceMinutes the number in the grace time, in which what is owed from before counts. Both are for prepaid mode,
	// and 0 unless the catalog says otherwise. The minutes that are granted next repay them. A trial has no grace time.
	OverdraftMinutes int64 `json:"overdraft_minutes,omitzero"`
	GraceMinutes     int64 `json:"grace_minutes,omitzero"`
}

// IsTrial reports whether v is a trial. A trial does not renew, cannot be upgraded, and is closed when a paid version
// is purchased.
func (v Version) IsTrial() bool { return v.Trial != Trial{} }

// Trial limits how many times a trial can be claimed.
type Trial struct {
	PerApplication int `json:"per_application"`      // at least 1
	PerAccount     int `json:"per_account,omitzero"` // across all applications of an account; 0: no limit
}

// Offer is a discounted price of a version for one term.
type Offer struct {
	ID            OfferID
	Term          Term
	FirstPurchase bool // only for applications that never paid for this product
	PerAccount    int  // limit per account, across all its applications; 0: no limit
	From, Until   Date // the first and the last valid day; zero: unbounded
	// Periods is the number of periods that have the price, the purchase included; 0 means the purchase alone.
	Periods int
}

// in reports whether the offer is valid on day d.
func (o Offer) in(d Date) bool {
	return (o.From == 0 || d >= o.From) && (o.Until == 0 || d <= o.Until)
}

// Agreement is what customers accept when they purchase: the service level agreement and the billing terms.
type Agreement struct {
	Version   string     `json:"version"`
	Documents []Document `json:"documents"`
}

// Document is one document of an agreement.
type Document struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// ServiceTerms defines what happens around the end of a period. It belongs to the catalog, not to a worker's settings,
// because every reader must see the same status at the same instant.
type ServiceTerms struct {
	// Grace is how long a subscription stays live after its period ends. A payment made during the grace period extends
	// the subscription from the period's end. The minutes of the period end with the period, not with the grace period:
	// until there is a payment, only top-ups, free minutes, pay-as-you-go and the version's grace minutes cover usage.
	Grace time.Duration
	// Retention is how long after an interruption a subscription can be resumed before it expires.
	Retention time.Duration
	// LateUsage is how long after a lot ends it still covers usage that happened before its end.
	LateUsage time.Duration
	// RefundDays is the number of days after payment in which an unused package can be refunded; 0 means never.
	RefundDays int
	// Arrears is how long service continues after a pay-as-you-go payment fails.
	Arrears time.Duration
	// KeepReversed reports whether a customer keeps what was delivered when the payer's bank reverses the payment.
	KeepReversed bool
	// Pending is how long an order waits for the customer to confirm its payment, from its placing: after that it is given
	// up. An automatic renewal waits as long as the grace time lasts. At least an hour; 0 stands for [DefaultPending].
	Pending time.Duration
}

// DefaultPending is how long an order waits for the customer if the catalog doesn't say.
const DefaultPending = 24 * time.Hour

// Catalog holds products, versions, prices and terms of sale. It is immutable and safe for concurrent use. A catalog
// returned by [ParseCatalog] is complete and valid.
type Catalog struct {
	revision  string
	notes     string
	zone      Zone
	rounding  Rounding
	dayCount  DayCount
	agreement Agreement
	service   ServiceTerms
	products  []Product
	versions  map[ProductID][]Version // by ascending rank
	entries   map[versionKey]entry
	prices    map[priceKey]Package
	offers    map[offerKey]Money
	usage     usage
	packs     []packEntry
	free      []FreeGrant

	taxIncluded bool
	taxRegions  []taxRegion
	charges     map[Currency]ChargeTerms
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

// entry holds a version's prices and other details.
type entry struct {
	version  Version
	features map[string]string
	offers   []Offer
	terms    []Term
}

// orEmpty returns c, or an empty catalog if c is nil. A nil *Catalog therefore sells nothing and does not panic.
func (c *Catalog) orEmpty() *Catalog {
	if c == nil {
		return new(Catalog)
	}
	return c
}

// Revision returns the name that the author gave to this state of the catalog.
func (c *Catalog) Revision() string { return c.orEmpty().revision }

// Notes returns the author's remarks.
func (c *Catalog) Notes() string { return c.orEmpty().notes }

// Zone returns the time zone in which days are counted.
func (c *Catalog) Zone() Zone { return c.orEmpty().zone }

// ZoneOf returns the zone with the given name, without a lookup if it is the catalog's own. Periods computed with an
// earlier catalog may use a different zone, including one that [LoadZone] no longer accepts. It returns [ErrZone] if
// the zone is unknown.
func (c *Catalog) ZoneOf(name string) (Zone, error) {
	c = c.orEmpty()
	if name == c.zone.Name() {
		return c.zone, nil
	}
	return recordedZone(name)
}

// Rounding returns the rounding mode for amounts.
func (c *Catalog) Rounding() Rounding { return c.orEmpty().rounding }

// DayCount returns how the remaining part of a period is measured.
func (c *Catalog) DayCount() DayCount { return c.orEmpty().dayCount }

// ServiceTerms returns the rules that apply around the end of a period.
func (c *Catalog) ServiceTerms() ServiceTerms { return c.orEmpty().service }

// Agreement returns the current agreement. Its version is "" if customers do not have to accept one.
func (c *Catalog) Agreement() Agreement {
	c = c.orEmpty()
	a := c.agreement
	a.Documents = slices.Clone(a.Documents)
	return a
}

// AgreementVersion returns the version of the current agreement, or "" if there is none.
func (c *Catalog) AgreementVersion() string { return c.orEmpty().agreement.Version }

// Products returns all products in file order.
func (c *Catalog) Products() []Product { return slices.Clone(c.orEmpty().products) }

// Product returns a product. It returns [ErrUnknownProduct] if there is none with this ID.
func (c *Catalog) Product(id ProductID) (Product, error) {
	c = c.orEmpty()
	for _, p := range c.products {
		if p.ID == id {
			return p, nil
		}
	}
	return Product{}, fmt.Errorf("%w: %.64q", ErrUnknownProduct, string(id))
}

// Versions returns the versions of a product by ascending rank. It returns none for an unknown product.
func (c *Catalog) Versions(id ProductID) []Version { return slices.Clone(c.orEmpty().versions[id]) }

// Version returns a version. It returns [ErrUnknownProduct] or [ErrUnknownVersion] if there is none.
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

// Features returns a version's features by name, for example "mau": "5,000". It returns nil for an unknown version.
func (c *Catalog) Features(product ProductID, id VersionID) map[string]string {
	return maps.Clone(c.orEmpty().entries[versionKey{product, id}].features)
}

// Currencies returns the currencies that packages have list prices in, in ascending order.
func (c *Catalog) Currencies() []Currency {
	found := map[Currency]bool{}
	for key := range c.orEmpty().prices {
		found[key.currency] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// Terms returns the terms that a version is sold for, in file order.
func (c *Catalog) Terms(product ProductID, id VersionID) []Term {
	return slices.Clone(c.orEmpty().entries[versionKey{product, id}].terms)
}

// Offers returns all offers of a version in file order, including those not currently valid.
func (c *Catalog) Offers(product ProductID, id VersionID) []Offer {
	return slices.Clone(c.orEmpty().entries[versionKey{product, id}].offers)
}

// List returns the list price and minutes of one period of a version for the given term. It returns [ErrUnknownProduct]
// or [ErrUnknownVersion], or [ErrNoPrice] if the version is not sold for that term or currency.
func (c *Catalog) List(product ProductID, id VersionID, term Term, currency Currency) (Package, error) {
	c = c.orEmpty()
	p, ok := c.prices[priceKey{versionKey{product, id}, term, currency}]
	if !ok {
		if _, err := c.entry(product, id); err != nil {
			return Package{}, err
		}
		return Package{}, fmt.Errorf("%w: %s/%s, %s, %.16q", ErrNoPrice, product, id, term, string(currency))
	}
	return p, nil
}

// Discounted returns the price of one period under an offer, together with its minutes, which are the same as at list
// price. It also returns the offer, so the caller can check who is eligible. It returns the errors of [Catalog.List];
// [ErrUnknownOffer] if the version has no such offer, or the offer is for another term or not valid at t; and
// [ErrNoPrice] if the offer has no price in the currency.
func (c *Catalog) Discounted(product ProductID, id VersionID, offer OfferID, term Term, currency Currency,
	t time.Time,
) (Package, Offer, error) {
	c = c.orEmpty()
	p, err := c.List(product, id, term, currency)
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
	p.Price = price
	return p, offers[at], nil
}

// UpgradePath returns the versions that can be upgraded to from the given one: all versions of strictly higher rank
// that are on sale, in ascending order. It returns nil for an unknown version, for the highest one, and for a product
// that is not upgradable.
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
