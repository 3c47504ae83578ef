package pricing

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/ident"
)

// Bounds of a catalogue.
const (
	maxCatalogBytes = 4 << 20
	maxPriceMinor   = 1_000_000_000_000_000 // of one period: room to sum and multiply without overflow
	maxMinutes      = 1_000_000_000_000     // of one period
	maxRank         = 1_000_000
	maxHours        = 24 * 3660
)

// ParseCatalog reads a catalogue in JSON, of at most 4 MiB. It reports every problem at once, as a
// [*CatalogError], each with its path in the file; any other error comes from the reader. Amounts are
// strings. The members:
//
//	revision   names this state of the catalogue
//	notes      remarks, optional; products and versions can have their own
//	zone       IANA name of the zone that days are counted in
//	rounding   half_up (default), half_even, down or up
//	day_count  calendar (default) or elapsed
//	agreement  {version, documents: [{name, url}]}, optional
//	service    {grace_hours, retention_days, late_usage_hours}, optional: 24 hours, 60 days, 24 hours
//	products   [{id, name, upgradable, versions}]
//
// and of a version:
//
//	id, name, rank   rank is a whole number; an upgrade goes to a higher one
//	withdrawn        true when it is not sold any more
//	price_falls      true declares that it may cost less than a version of lower rank
//	trial            {per_application, per_account} for a trial
//	features         {name: text}
//	terms            [{months or days, minutes, list: {currency: amount}}]
//	offers           [{id, first_purchase, months, price: {currency: amount}, from, until}]
func ParseCatalog(r io.Reader) (*Catalog, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxCatalogBytes+1))
	if err != nil {
		return nil, fmt.Errorf("pricing: catalog: read: %w", err)
	}
	var problems []Problem
	root := node{report: &problems}
	if len(data) > maxCatalogBytes {
		root.problem("is larger than %d bytes", maxCatalogBytes)
		return nil, &CatalogError{problems}
	}
	if root, err = parseJSON(data, &problems); err != nil {
		node{report: &problems}.problem("is not JSON: %v", err)
		return nil, &CatalogError{problems}
	}
	c := readCatalog(root)
	if len(problems) > 0 {
		return nil, &CatalogError{problems}
	}
	return c, nil
}

func readCatalog(n node) *Catalog {
	c := &Catalog{
		versions: map[ProductID][]Version{},
		entries:  map[versionKey]entry{},
		prices:   map[priceKey]Holding{},
		offers:   map[offerKey]Money{},
	}
	if !n.object() {
		return c
	}
	c.revision = readID[string](n.get("revision"))
	c.notes = n.get("notes").text()
	c.zone = readZone(n.get("zone"))
	c.rounding = readChoice(n.get("rounding"), HalfUp)
	c.dayCount = readChoice(n.get("day_count"), CalendarDays)
	c.agreement = readAgreement(n.get("agreement"))
	c.service = readService(n.get("service"))
	products := n.get("products")
	list := products.list()
	if len(list) == 0 {
		products.problem("want at least one product")
	}
	for _, p := range list {
		c.readProduct(p)
	}
	n.done()
	return c
}

func (c *Catalog) readProduct(n node) {
	if !n.object() {
		return
	}
	p := Product{ID: readID[ProductID](n.get("id")), Name: n.get("name").text(), Upgradable: n.get("upgradable").flag()}
	n.get("notes").text()
	if _, twice := c.versions[p.ID]; twice {
		n.get("id").problem("duplicate product %q", p.ID)
	}
	c.products = append(c.products, p)
	list := n.get("versions").list()
	if len(list) == 0 {
		n.get("versions").problem("want at least one version")
	}
	ranks := map[int]VersionID{}
	rows := make([]versionRow, 0, len(list))
	for _, v := range list {
		if row, ok := c.readVersion(v, p.ID, ranks); ok {
			rows = append(rows, row)
		}
	}
	n.done()
	slices.SortStableFunc(rows, func(a, b versionRow) int { return cmp.Compare(a.version.Rank, b.version.Rank) })
	versions := make([]Version, len(rows))
	for i, row := range rows {
		versions[i] = row.version
		if !row.priceFalls {
			c.checkPricesRise(row, rows[:i])
		}
	}
	c.versions[p.ID] = versions
}

// versionRow is a version with what only validation needs.
type versionRow struct {
	version    Version
	node       node
	prices     []priceKey // in the order of the file
	priceFalls bool
}

func (c *Catalog) readVersion(n node, product ProductID, ranks map[int]VersionID) (versionRow, bool) {
	if !n.object() {
		return versionRow{}, false
	}
	v := Version{
		Product: product, ID: readID[VersionID](n.get("id")), Name: n.get("name").text(),
		Withdrawn: n.get("withdrawn").flag(), Trial: readTrial(n.get("trial")),
	}
	n.get("notes").text()
	if rank := n.get("rank"); !rank.present() {
		rank.wrong("a whole number")
	} else {
		v.Rank = int(rank.count(-maxRank, maxRank, 0))
		if other, taken := ranks[v.Rank]; taken {
			rank.problem("%d is already the rank of %q", v.Rank, other)
		}
		ranks[v.Rank] = v.ID
	}
	key := versionKey{product, v.ID}
	if _, twice := c.entries[key]; twice {
		n.get("id").problem("duplicate version %q", v.ID)
	}
	row := versionRow{version: v, node: n, priceFalls: n.get("price_falls").flag()}
	e := entry{version: v, features: map[string]string{}}
	for _, f := range n.get("features").members() {
		e.features[f.name] = f.value.text()
	}
	terms := n.get("terms")
	list := terms.list()
	if len(list) == 0 {
		terms.problem("want at least one term with a price")
	}
	for _, t := range list {
		term, prices := c.readTerm(t, key)
		if term == (Term{}) {
			continue
		}
		if slices.Contains(e.terms, term) {
			t.problem("duplicate term of %s", term)
		}
		e.terms = append(e.terms, term)
		row.prices = append(row.prices, prices...)
	}
	for _, o := range n.get("offers").list() {
		if offer, ok := c.readOffer(o, key); ok {
			if slices.ContainsFunc(e.offers, func(x Offer) bool { return x.ID == offer.ID }) {
				o.get("id").problem("duplicate offer %q", offer.ID)
			}
			e.offers = append(e.offers, offer)
		}
	}
	n.done()
	c.entries[key] = e
	return row, true
}

// checkPricesRise reports list prices of row that are below those of a lower version for the same term
// and currency.
func (c *Catalog) checkPricesRise(row versionRow, lower []versionRow) {
	for _, key := range row.prices {
		price := c.prices[key]
		for _, l := range lower {
			key.version = l.version.ID
			if other, ok := c.prices[key]; ok && other.Price.minor > price.Price.minor {
				row.node.get("terms").problem("%s for %s is below %s of the lower version %q; price_falls would declare it",
					price.Price, key.term, other.Price, l.version.ID)
				return
			}
		}
	}
}

// readTerm reads one term of a version and returns the keys of its prices.
func (c *Catalog) readTerm(n node, key versionKey) (Term, []priceKey) {
	if !n.object() {
		return Term{}, nil
	}
	term := readMonthsOrDays(n)
	minutes := n.get("minutes").count(0, maxMinutes, 0)
	var keys []priceKey
	for _, price := range readPrices(n.get("list")) {
		key := priceKey{key, term, price.currency}
		c.prices[key] = Holding{Price: price, Minutes: minutes}
		keys = append(keys, key)
	}
	n.done()
	return term, keys
}

func (c *Catalog) readOffer(n node, key versionKey) (Offer, bool) {
	if !n.object() {
		return Offer{}, false
	}
	o := Offer{
		ID: readID[OfferID](n.get("id")), Term: readMonthsOrDays(n), FirstPurchase: n.get("first_purchase").flag(),
		From: readDate(n.get("from")), Until: readDate(n.get("until")),
	}
	if o.Until != 0 && o.Until < o.From {
		n.get("until").problem("is before from")
	}
	for _, price := range readPrices(n.get("price")) {
		list, ok := c.prices[priceKey{key, o.Term, price.currency}]
		if !ok {
			n.problem("there is no list price in %s for %s", price.currency, o.Term)
		} else if list.Price.minor < price.minor {
			n.problem("%s is above the list price of %s", price, list.Price)
		}
		c.offers[offerKey{key, o.ID, price.currency}] = price
	}
	n.done()
	return o, true
}

func readMonthsOrDays(n node) Term {
	t := Term{
		Months: int(n.get("months").count(1, MaxTermMonths, 0)),
		Days:   int(n.get("days").count(1, MaxTermDays, 0)),
	}
	if n.get("months").present() == n.get("days").present() {
		n.problem("want either months or days")
		return Term{}
	}
	return t
}

func readPrices(n node) []Money {
	members := n.members()
	if len(members) == 0 {
		n.problem("want at least one price")
	}
	prices := make([]Money, 0, len(members))
	for _, m := range members {
		amount, err := ParseMoney(m.value.text(), Currency(m.name))
		switch {
		case err != nil:
			m.value.problem("%v", err)
		case amount.minor < 0:
			m.value.problem("%s is negative", amount)
		case amount.minor > maxPriceMinor:
			m.value.problem("%s is absurd: more than %s", amount, Money{maxPriceMinor, amount.currency})
		default:
			prices = append(prices, amount)
		}
	}
	return prices
}

func readTrial(n node) Trial {
	if !n.present() || !n.object() {
		return Trial{}
	}
	t := Trial{
		PerApplication: int(n.get("per_application").count(1, 1000, 1)),
		PerAccount:     int(n.get("per_account").count(1, 1_000_000, 0)),
	}
	n.done()
	return t
}

func readAgreement(n node) Agreement {
	if !n.present() || !n.object() {
		return Agreement{}
	}
	a := Agreement{Version: readID[string](n.get("version"))}
	for _, d := range n.get("documents").list() {
		if d.object() {
			a.Documents = append(a.Documents, Document{Name: d.get("name").text(), URL: d.get("url").text()})
			d.done()
		}
	}
	n.done()
	return a
}

func readService(n node) Service {
	s := Service{Grace: 24 * time.Hour, Retention: 60 * 24 * time.Hour, LateUsage: 24 * time.Hour}
	if !n.present() || !n.object() {
		return s
	}
	s.Grace = time.Duration(n.get("grace_hours").count(0, maxHours, 24)) * time.Hour
	s.Retention = time.Duration(n.get("retention_days").count(0, maxHours/24, 60)) * 24 * time.Hour
	s.LateUsage = time.Duration(n.get("late_usage_hours").count(0, maxHours, 24)) * time.Hour
	n.done()
	return s
}

func readID[S ~string](n node) S {
	id := S(n.text())
	if err := ident.Check(id); err != nil {
		n.problem("%v", err)
	}
	return id
}

func readZone(n node) Zone {
	z, err := LoadZone(n.text())
	if err != nil {
		n.problem("unknown zone %.64q", n.text())
	}
	return z
}

func readDate(n node) Date {
	if !n.present() {
		return 0
	}
	d, err := ParseDate(n.text())
	if err != nil {
		n.problem("%v", err)
	}
	return d
}

// readChoice reads one of a type's constants.
func readChoice[S interface {
	~string
	Validate() error
}](n node, absent S) S {
	if !n.present() {
		return absent
	}
	s := S(n.text())
	if err := s.Validate(); err != nil || s == "" {
		n.problem("%.32q is not one of the choices", string(s))
	}
	return s
}
