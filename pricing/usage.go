package pricing

import (
	"fmt"
	"slices"
	"strings"
)

// UsageKindID identifies a kind of usage, such as "hd" or "audio".
type UsageKindID string

// UsageKind is a kind of usage defined by the catalog, such as audio, HD video, audience, recording or transcoding.
type UsageKind struct {
	ID   UsageKindID `json:"id"`
	Name string      `json:"name"`
	// Covered reports whether lots of minutes cover the kind. Usage of a kind that is not covered is always billed as
	// pay-as-you-go.
	Covered bool `json:"covered"`
	// Weight is the number of package minutes that one minute consumes; 0 for a kind that isn't covered.
	Weight Weight `json:"weight,omitzero"`
}

// Weight is a number of package minutes per minute, in thousandths, so 0.5 and 4.5 are exact: 4500 means 4.5. In text
// and in JSON it is a plain decimal with at most three decimals.
type Weight int64

// maxWeight limits a weight, so it can be multiplied by any number of minutes in a day.
const maxWeight Weight = 1_000_000

// weightDecimals is the number of decimals of a weight.
const weightDecimals = 3

// ParseWeight parses a positive decimal such as "4.5". It returns [ErrSyntax], [ErrPrecision] for more than three
// decimals, or [ErrOverflow] for a value that is not positive or is more than 1,000.
func ParseWeight(s string) (Weight, error) {
	r, err := ParseRate(s)
	if err != nil {
		return 0, err
	}
	if r.scale > weightDecimals {
		return 0, fmt.Errorf("%w: weight %q has more than %d decimals", ErrPrecision, s, weightDecimals)
	}
	v, ok := r.at(weightDecimals)
	if w := Weight(v); ok && w > 0 && w <= maxWeight {
		return w, nil
	}
	return 0, fmt.Errorf("%w: weight %q", ErrOverflow, s)
}

// String returns the weight as a plain decimal, such as "4.5".
func (w Weight) String() string {
	s := strings.TrimRight(strings.TrimRight(string(appendDecimal(nil, int64(w), weightDecimals)), "0"), ".")
	return s
}

// MarshalText returns the result of String. It never fails.
func (w Weight) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText parses a weight. It returns the errors of [ParseWeight].
func (w *Weight) UnmarshalText(b []byte) error {
	v, err := ParseWeight(string(b))
	if err != nil {
		return err
	}
	*w = v
	return nil
}

// RoundedMinutes converts a day's total of seconds to minutes, rounded up.
func RoundedMinutes(seconds int64) int64 {
	if seconds <= 0 {
		return 0
	}
	return (seconds-1)/60 + 1
}

// UsageAmount is an amount of usage of one kind: Num/Den minutes.
type UsageAmount struct {
	Kind    UsageKindID
	Minutes Ratio
}

// UsageKinds returns all kinds of usage in file order.
func (c *Catalog) UsageKinds() []UsageKind { return slices.Clone(c.orEmpty().usage.kinds) }

// UsageKind returns a kind of usage. It returns [ErrUnknownKind] if there is none with this ID.
func (c *Catalog) UsageKind(id UsageKindID) (UsageKind, error) {
	c = c.orEmpty()
	for _, k := range c.usage.kinds {
		if k.ID == id {
			return k, nil
		}
	}
	return UsageKind{}, fmt.Errorf("%w: %.64q", ErrUnknownKind, string(id))
}

// UsageRate returns the pay-as-you-go price per 1,000 minutes of a kind. It returns [ErrUnknownKind], or [ErrNoPrice]
// if there is no price in the currency.
func (c *Catalog) UsageRate(id UsageKindID, currency Currency) (Rate, error) {
	c = c.orEmpty()
	r, ok := c.usage.rates[rateKey{id, currency}]
	if !ok {
		if _, err := c.UsageKind(id); err != nil {
			return Rate{}, err
		}
		return Rate{}, fmt.Errorf("%w: usage of %s, %.16q", ErrNoPrice, id, string(currency))
	}
	return r, nil
}

// PriceUsage prices usage by the catalog's prices per 1,000 minutes: it computes one exact line for each amount and
// rounds the sum once. It returns the errors of [Catalog.UsageRate] and [Total], and [ErrOverflow] if a denominator
// overflows when multiplied by 1,000.
func (c *Catalog) PriceUsage(currency Currency, used ...UsageAmount) (Price, error) {
	c = c.orEmpty()
	lines := make([]Line, 0, len(used))
	for _, u := range used {
		rate, err := c.UsageRate(u.Kind, currency)
		if err != nil {
			return Price{}, err
		}
		den, ok := mulInt64(u.Minutes.Den, 1000)
		if !ok {
			return Price{}, fmt.Errorf("%w: %s minutes", ErrOverflow, u.Minutes)
		}
		lines = append(lines, Line{Kind: UsageLine, Item: string(u.Kind), Unit: rate, Times: Ratio{u.Minutes.Num, den}})
	}
	return Total(currency, c.rounding, lines)
}

// LowBalance returns the remaining percentages of a lot at which its owner is warned, in descending order; 0 means
// exhausted.
func (c *Catalog) LowBalance() []int { return slices.Clone(c.orEmpty().usage.lowBalance) }

// CreditLimit returns the maximum that may be owed for pay-as-you-go usage in a currency, and whether there is a limit.
func (c *Catalog) CreditLimit(currency Currency) (Money, bool) {
	limit, ok := c.orEmpty().usage.creditLimit[currency]
	return limit, ok
}

// usage is the part of a catalog that describes usage.
type usage struct {
	kinds       []UsageKind
	rates       map[rateKey]Rate
	lowBalance  []int
	creditLimit map[Currency]Money
	overrun     Overrun
}

type rateKey struct {
	kind     UsageKindID
	currency Currency
}

func readUsage(n node) usage {
	u := usage{rates: map[rateKey]Rate{}}
	if !n.present() || !n.object() {
		return u
	}
	seen := names[UsageKindID]{}
	for _, k := range n.get("kinds").items() {
		if kind, ok := readKind(k, u.rates); ok {
			seen.add(kind.ID, k.get("id"), "kind")
			u.kinds = append(u.kinds, kind)
		}
	}
	for _, l := range n.get("low_balance_percent").items() {
		percent, ok := l.number(0, 99)
		if !ok {
			continue
		}
		if last := len(u.lowBalance) - 1; last >= 0 && int(percent) >= u.lowBalance[last] {
			l.problemf("%d is not below the previous value", percent)
		}
		u.lowBalance = append(u.lowBalance, int(percent))
	}
	if limit := n.get("credit_limit"); limit.present() {
		u.creditLimit = map[Currency]Money{}
		for _, p := range readPrices(limit) {
			u.creditLimit[p.amount.currency] = p.amount
		}
	}
	u.overrun = readOverrun(n.get("overrun"))
	n.done()
	return u
}

func readKind(n node, rates map[rateKey]Rate) (UsageKind, bool) {
	if !n.object() {
		return UsageKind{}, false
	}
	k := UsageKind{ID: readID[UsageKindID](n.get("id")), Name: n.get("name").label()}
	n.get("notes").label()
	if w := n.get("weight"); w.present() {
		k.Covered = true
		if text, ok := w.text(); ok {
			var err error
			if k.Weight, err = ParseWeight(text); err != nil {
				w.problemf("%v", err)
			}
		}
	}
	for _, p := range readRates(n.get("per_thousand")) {
		rates[rateKey{k.ID, p.currency}] = p.rate
	}
	n.done()
	return k, true
}

// currencyRate is a rate and its currency.
type currencyRate struct {
	currency Currency
	rate     Rate
}

// listRate is a rate and its location in the file.
type listRate struct {
	currencyRate
	node node
}

func readRates(n node) []listRate {
	members, ok := n.members()
	if ok && len(members) == 0 {
		n.problemf("want at least one price")
	}
	rates := make([]listRate, 0, len(members))
	for _, m := range members {
		text, ok := m.value.text()
		if !ok {
			continue
		}
		rate, err := ParseRate(text)
		if _, unknown := Currency(m.name).Digits(); err == nil {
			err = unknown
		}
		if err != nil {
			m.value.problemf("%v", err)
			continue
		}
		rates = append(rates, listRate{currencyRate{Currency(m.name), rate}, m.value})
	}
	return rates
}
