package pricing

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// Limits on the values of a catalog.
const (
	maxCatalogBytes = 4 << 20
	maxPriceMinor   = 1_000_000_000_000_000 // per period; leaves room to sum and multiply without overflow
	maxMinutes      = 1_000_000_000_000     // per period
	maxOverdraft    = 1_000_000_000         // minutes
	maxRank         = 1_000_000
	maxHours        = 24 * 3660
	maxPending      = 24 * 365 // hours
	maxPeriods      = 1200     // of an offer
)

// ParseCatalog reads a catalog in JSON, of at most 4 MiB and 250,000 values. It reports all problems at once as a
// [*CatalogError], each with its path in the file. Any other error comes from the reader. Amounts are strings. The
// members are:
//
//	revision   identifies this state of the catalog
//	notes      remarks, optional; products and versions can have their own
//	zone       IANA name of the zone in which days are counted
//	rounding   half_up (default), half_even, down or up
//	day_count  calendar (default) or elapsed
//	agreement  {version, documents: [{name, url}]}, optional
//	service    {grace_hours, retention_days, late_usage_hours, refund_days, arrears_hours, pending_hours, reversal}, optional;
//	           defaults: 24 hours, 60 days, 24 hours, 0 days (no refunds), 24 hours, 24 hours, take (or keep)
//	tax        {included, regions: [{region, rates: [{name, percent, from}]}]}, optional
//	charges    {currency: {least, step}}, optional: the least total worth charging, and the step of totals
//	products   [{id, name, upgradable, changes, versions}]; changes allows another version or term at renewal
//	usage      {kinds, low_balance_percent, credit_limit, overrun}, optional
//	packs      top-up packages, optional
//	free       [{id, name, products, minutes, cycles}], optional: grants of free minutes, 1 cycle by default
//
// Prices include tax if included is true; otherwise tax comes on top. The rates of a region apply to its customers, each
// from a day on, until a later one of the same name. Percentages are text with at most 9 decimals.
//
// A price that is positive and below the least charge is refused here; of a custom pack, when it is priced.
//
// The members of a version are:
//
//	id, name, rank   the rank is a whole number; an upgrade goes to a higher one
//	withdrawn        true if it is no longer sold
//	price_falls      true allows it to cost less than a version of lower rank
//	trial            {per_application, per_account}, if it is a trial
//	overdraft_minutes, grace_minutes
//	                 minutes that can be used beyond what is there, while a period is paid and in the grace time; 0 by default
//	features         {name: text}
//	terms            [{months or days, minutes, list: {currency: amount}}]
//	offers           [{id, first_purchase, per_account, months, price: {currency: amount}, from, until, periods}]; the
//	                 price is for so many periods, the purchase included, 1 by default
//
// Usage kinds are [{id, name, weight, per_thousand: {currency: price}, notes}]. The weight is the number of package
// minutes that one minute consumes, as text with at most 3 decimals; packages do not cover a kind that has no weight.
// Prices are per 1,000 minutes, with at most 9 decimals. low_balance_percent lists, in descending order, the remaining
// percentages of a lot at which its owner is warned; 0 means exhausted. credit_limit, {currency: amount}, is the
// maximum that may be owed for pay-as-you-go usage; without it there is no limit. overrun is refuse (default) or take: what
// becomes of a record that needs more minutes than are left. The members of a pack are:
//
//	id, name, notes, withdrawn   as in a version
//	products                     [id]: the products that its minutes can be spent on
//	validity                     {months, to_month_end}
//	minutes, price               size and {currency: amount} of a fixed pack, or
//	custom                       {step, least, most, tiers: [{from, per_thousand: {currency: price}}]}
//
// A custom pack is sold in multiples of step (default 1,000 minutes) from least (default: step) to most. All minutes
// are charged at the price of the last tier whose from (default 0) the size reaches. A price of 0 makes them free. Any
// other price must be high enough that no size rounds to zero.
func ParseCatalog(r io.Reader) (*Catalog, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxCatalogBytes+1))
	if err != nil {
		return nil, fmt.Errorf("pricing: catalog: read: %w", err)
	}
	var problems []Problem
	root := node{report: &problems}
	if len(data) > maxCatalogBytes {
		root.problemf("is larger than %d bytes", maxCatalogBytes)
		return nil, &CatalogError{problems}
	}
	if root, err = parseJSON(data, &problems); err != nil {
		node{report: &problems}.problemf("is not JSON: %v", err)
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
		prices:   map[priceKey]Package{},
		offers:   map[offerKey]Money{},
	}
	if !n.object() {
		return c
	}
	c.revision = readID[string](n.get("revision"))
	c.notes = n.get("notes").label()
	c.zone = readZone(n.get("zone"))
	c.rounding = readChoice(n.get("rounding"), HalfUp)
	c.dayCount = readChoice(n.get("day_count"), CalendarDays)
	c.agreement = readAgreement(n.get("agreement"))
	c.service = readService(n.get("service"))
	c.readTax(n.get("tax"))
	c.readCharges(n.get("charges"))
	for _, p := range n.get("products").some("product") {
		c.readProduct(p)
	}
	c.usage = readUsage(n.get("usage"))
	packs, grants := names[PackID]{}, names[FreeGrantID]{}
	for _, p := range n.get("packs").items() {
		if pack, ok := c.readPack(p); ok {
			packs.add(pack.ID, p.get("id"), "pack")
			c.packs = append(c.packs, pack)
		}
	}
	for _, f := range n.get("free").items() {
		if free, ok := c.readFree(f); ok {
			grants.add(free.ID, f.get("id"), "grant")
			c.free = append(c.free, free)
		}
	}
	n.done()
	return c
}

// names is the set of identifiers of one kind that have been read.
type names[S ~string] map[S]bool

// add adds an identifier and reports a duplicate. It ignores "", which was already reported when it was read.
func (s names[S]) add(id S, at node, what string) {
	if s[id] && id != "" {
		at.problemf("duplicate %s %q", what, id)
	}
	s[id] = true
}

func (c *Catalog) readProduct(n node) {
	if !n.object() {
		return
	}
	p := Product{
		ID: readID[ProductID](n.get("id")), Upgradable: n.get("upgradable").flag(), ChangesAtRenewal: n.get("changes").flag(),
	}
	p.Name = n.get("name").label()
	n.get("notes").label()
	if _, twice := c.versions[p.ID]; twice && p.ID != "" {
		n.get("id").problemf("duplicate product %q", p.ID)
	}
	c.products = append(c.products, p)
	ranks := map[int]VersionID{}
	var rows []versionRow
	for _, v := range n.get("versions").some("version") {
		if row, ok := c.readVersion(v, p.ID, ranks); ok {
			rows = append(rows, row)
		}
	}
	n.done()
	slices.SortStableFunc(rows, func(a, b versionRow) int { return cmp.Compare(a.version.Rank, b.version.Rank) })
	c.versions[p.ID] = make([]Version, len(rows))
	for i, row := range rows {
		c.versions[p.ID][i] = row.version
	}
	checkPricesRise(rows)
}

// versionRow is a version together with data that only validation needs.
type versionRow struct {
	version    Version
	prices     []listPrice // in file order
	priceFalls bool
}

// readVersion returns the version and whether it has a valid rank.
func (c *Catalog) readVersion(n node, product ProductID, ranks map[int]VersionID) (versionRow, bool) {
	if !n.object() {
		return versionRow{}, false
	}
	v := Version{
		Product: product, ID: readID[VersionID](n.get("id")),
		Withdrawn: n.get("withdrawn").flag(), Trial: readTrial(n.get("trial")),
		OverdraftMinutes: n.get("overdraft_minutes").count(0, maxOverdraft, 0),
		GraceMinutes:     n.get("grace_minutes").count(0, maxOverdraft, 0),
	}
	v.Name = n.get("name").label()
	n.get("notes").label()
	rank, ranked := n.get("rank").number(-maxRank, maxRank)
	if ranked {
		v.Rank = int(rank)
		if other, taken := ranks[v.Rank]; taken {
			n.get("rank").problemf("rank %d is already used by %q", v.Rank, other)
		}
		ranks[v.Rank] = v.ID
	}
	key := versionKey{product, v.ID}
	if _, twice := c.entries[key]; twice && v.ID != "" {
		n.get("id").problemf("duplicate version %q", v.ID)
	}
	row := versionRow{version: v, priceFalls: n.get("price_falls").flag()}
	e := entry{version: v, features: map[string]string{}}
	features, _ := n.get("features").members()
	for _, f := range features {
		e.features[f.name] = f.value.label()
	}
	terms := map[Term]bool{}
	for _, t := range n.get("terms").some("term with a price") {
		term, prices := c.readTerm(t, key)
		if term == (Term{}) {
			continue
		}
		if terms[term] {
			t.problemf("duplicate term of %s", term)
			continue
		}
		terms[term] = true
		e.terms = append(e.terms, term)
		row.prices = append(row.prices, prices...)
	}
	e.offers = c.readOffers(n.get("offers"), key)
	n.done()
	c.entries[key] = e
	return row, ranked
}
