package main

import (
	"cmp"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
)

// funcs are what pages call. Times are shown in the catalog's zone.
func (c *console) funcs() template.FuncMap {
	loc := c.zone()
	return template.FuncMap{
		"money":    money,
		"amount":   minutesText,
		"count":    grouped,
		"long":     func(n int) int64 { return int64(n) },
		"rate":     rateText,
		"path":     url.PathEscape,
		"day":      func(t time.Time) string { return t.In(loc).Format("2 Jan 2006") },
		"clock":    func(t time.Time) string { return t.In(loc).Format("2 Jan 2006, 15:04") },
		"zone":     func(t time.Time) string { return loc.String() + ", UTC" + t.In(loc).Format("-07:00") },
		"age":      func(t time.Time) string { return age(c.clock.now(), t) },
		"date":     c.date,
		"monthOf":  func(d pricing.Date) string { return monthText(c.catalog.Zone().StartOf(d).In(loc)) },
		"iso":      func(t time.Time) string { return t.In(loc).Format(time.RFC3339) },
		"lastDay":  func(t time.Time) string { return t.Add(-time.Nanosecond).In(loc).Format("2 Jan 2006") },
		"span":     c.span,
		"product":  c.productName,
		"version":  c.versionName,
		"item":     c.itemName,
		"formula":  c.formula,
		"columns":  c.columns,
		"exact":    unrounded,
		"lineKind": lineKind,
		"source":   sourceName,
		"plural":   plural,
		"methodOf": func(m method) string { return m.name() },
		"orderOf":  c.orderTitle,

		"importHeader": importHeader,
		"products":     c.catalog.Products,

		"tax":         taxText,
		"revision":    c.catalog.Revision,
		"validity":    validityText,
		"offerText":   offerText,
		"dealOffer":   c.dealOffer,
		"chargeName":  c.chargeName,
		"dealt":       dealt,
		"taxIncluded": c.catalog.TaxIncluded,
		"reason":      reasonText,
		"wayName":     c.wayName,
		"notice":      func(name string) notice { return notices[name] },
		"entryKind":   entryKind,
		"adds":        adds,
		"movement":    movementName,
		"ledger":      ledgerName,
		"differs":     differs,
		"refunded":    anyRefunded,
		"undone":      anyUndone,
	}
}

// date is a date of the catalog's calendar: 5 Sep 2026.
func (c *console) date(d pricing.Date) string {
	return c.catalog.Zone().StartOf(d).In(c.zone()).Format("2 Jan 2006")
}

// span is a period with its last day: 5 Sep – 4 Oct 2026.
func (c *console) span(p pricing.Period) string {
	loc := c.zone()
	from, through := p.Start.In(loc), p.End.Add(-time.Nanosecond).In(loc)
	form := "2 Jan 2006"
	if from.Year() == through.Year() {
		form = "2 Jan"
	}
	return from.Format(form) + " – " + through.Format("2 Jan 2006")
}

// money formats an amount with thousands separators: 1,990.00 USD.
func money(m pricing.Money) string {
	text := m.Amount()
	sign, digits := "", text
	if strings.HasPrefix(text, "-") {
		sign, digits = "−", text[1:]
	}
	whole, fraction, decimals := strings.Cut(digits, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return m.String()
	}
	whole = grouped(n)
	if decimals {
		whole += "." + fraction
	}
	return sign + whole + " " + string(m.Currency())
}

// minutesText formats minutes with thousands separators and as many decimals as they have: 300,000 or 1.5.
func minutesText(q subscription.Quantity) string {
	if q < 0 {
		return "−" + minutesText(-q)
	}
	whole := strconv.FormatInt(q.Whole(), 10)
	return grouped(q.Whole()) + q.String()[len(whole):]
}

// grouped formats n ≥ 0 with thousands separators: 300,000.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, digit := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// plural formats a number of things: 1 day, 2 days.
func plural(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%s %s", grouped(int64(n)), thing)
}

func (c *console) productName(id pricing.ProductID) string {
	if p, err := c.catalog.Product(id); err == nil {
		return p.Name
	}
	return string(id)
}

func (c *console) versionName(product pricing.ProductID, id pricing.VersionID) string {
	if v, err := c.catalog.Version(product, id); err == nil {
		return v.Name
	}
	return string(id)
}

// itemName is what a line is for: a package, a pack or a kind of usage.
func (c *console) itemName(item string) string {
	if product, version, ok := strings.Cut(item, "/"); ok {
		return c.productName(pricing.ProductID(product)) + " " + c.versionName(pricing.ProductID(product), pricing.VersionID(version))
	}
	if p, err := c.catalog.Pack(pricing.PackID(item)); err == nil {
		if p.Custom() {
			return "Top-up of your own size"
		}
		return "Top-up of " + p.Name
	}
	if k, err := c.catalog.UsageKind(pricing.UsageKindID(item)); err == nil {
		return k.Name
	}
	return item
}

// lineKind says what kind of line it is.
func lineKind(k pricing.LineKind) string { return cmp.Or(lineKinds[k], string(k)) }

var lineKinds = map[pricing.LineKind]string{
	pricing.PurchaseLine: "Package",
	pricing.RenewalLine:  "Renewal",
	pricing.DealLine:     "Renewal at the agreed price",
	pricing.PackLine:     "Top-up",
	pricing.UsageLine:    "Pay-as-you-go",
	pricing.UpgradeLine:  "Upgrade, rest of this period",
	pricing.CycleLine:    "Upgrade, period paid ahead",
	pricing.RoundingLine: "Rounding",
	pricing.WaiverLine:   "Waived",
	pricing.GiftLine:     "Gift",
	pricing.ImportLine:   "Taken over",
}

func sourceName(s subscription.Source) string { return cmp.Or(sourceNames[s], string(s)) }

var sourceNames = map[subscription.Source]string{
	subscription.FromPackage:   "Package",
	subscription.FromUpgrade:   "Upgrade",
	subscription.FromTopUp:     "Top-up",
	subscription.FromFree:      "Free",
	subscription.FromGift:      "Gift",
	subscription.FromReturned:  "Returned",
	subscription.FromOverdraft: "Overdraft",
}

// entryKind says what a line of the ledger did.
func entryKind(k subscription.EntryKind) string { return cmp.Or(entryKinds[k], string(k)) }

var entryKinds = map[subscription.EntryKind]string{
	subscription.EntryGranted:    "Granted",
	subscription.EntryExpired:    "Expired",
	subscription.EntryConsumed:   "Used",
	subscription.EntryReserved:   "Reserved",
	subscription.EntryReleased:   "Released",
	subscription.EntryRefunded:   "Returned",
	subscription.EntryReinstated: "Reinstated",
	subscription.EntryLent:       "Lent",
	subscription.EntryRepaid:     "Repaid",
}

// adds reports whether an entry adds to what is left of its lot. The others take from it.
func adds(k subscription.EntryKind) bool {
	return k == subscription.EntryGranted || k == subscription.EntryReleased || k == subscription.EntryReinstated ||
		k == subscription.EntryLent || k == subscription.EntryRepaid
}

// differs says how a line of the provider's statement and the orders differ.
func differs(d reconcile.Difference) string {
	what := map[reconcile.LineKind]string{
		reconcile.Charge: "A payment", reconcile.Refund: "A refund", reconcile.Reversal: "A chargeback",
		reconcile.Reinstated: "A return of money",
	}[d.Line.Kind]
	switch d.Kind {
	case reconcile.Missing:
		return what + " is recorded, and the statement doesn’t have it"
	case reconcile.Unknown:
		return what + " is in the statement, and no order has its key"
	case reconcile.Different:
		return what + " has another amount in the statement"
	case reconcile.Unrecorded:
		return what + " is in the statement, and isn’t recorded yet"
	case reconcile.Late:
		return what + " arrived after the order had ended"
	case reconcile.Twice:
		return what + " is in the statement twice"
	}
	return d.String()
}

// movementName says what a line of a balance's statement is.
func movementName(k balance.Kind) string { return cmp.Or(movementNames[k], string(k)) }

var movementNames = map[balance.Kind]string{
	balance.Deposited: "Funds added",
	balance.Charged:   "Payment",
	balance.Refunded:  "Refund",
}

// name is how a payment method is called on a page.
func (m method) name() string { return cmp.Or(methodNames[m], string(m)) }

var methodNames = map[method]string{
	payBalance:  "Prepaid balance",
	payCard:     "Card ending in 4242",
	payBadCard:  "Card ending in 0002, which its bank declines",
	payExpired:  "Card ending in 0069, which has expired",
	payAsks:     "Card ending in 3155, whose bank asks you to confirm",
	payEmpty:    "Card ending in 9995, without enough money",
	payStolen:   "Card ending in 9979, which was reported stolen",
	paySlow:     "Card whose bank answers later",
	payTransfer: "Bank transfer, confirmed later",
	payNothing:  "no payment method yet",
}
