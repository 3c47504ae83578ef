package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/prepaidkit/prepaid/pricing"
)

// quantity is a number of package minutes in thousandths, so that weights such as 0.5 are exact.
type quantity int64

// String returns the quantity as a plain decimal without trailing zeros: "4", "0.5".
func (q quantity) String() string { return pricing.Weight(q).String() }

// MarshalJSON writes a number.
//
//nolint:unparam // the signature is json.Marshaler's
func (q quantity) MarshalJSON() ([]byte, error) { return []byte(q.String()), nil }

// grouped writes the quantity with a comma between thousands.
func (q quantity) grouped() string {
	whole := strconv.FormatInt(int64(q)/1000, 10)
	return grouped(int64(q)/1000) + q.String()[len(whole):]
}

// amount is whole minutes of a kind of usage.
type amount struct {
	kind    pricing.UsageKind
	minutes int64
}

// packageMinutes returns what the minutes take of a package; 0 where packages don't cover the kind.
func (a amount) packageMinutes() quantity { return quantity(a.minutes * int64(a.kind.Weight)) }

// minutes returns the minutes of each kind that the request names, in the catalog's order.
func (r *request) minutes(name string, cat *pricing.Catalog) []amount {
	in := r.object(name)
	for _, kind := range in.names {
		if _, err := cat.UsageKind(pricing.UsageKindID(kind)); err != nil {
			in.fail("", err)
		}
	}
	var all []amount
	for _, k := range cat.UsageKinds() {
		if in.has(string(k.ID)) {
			all = append(all, amount{k, in.count(string(k.ID), 0, maxMinutes)})
		}
	}
	return all
}

// weigh returns the package minutes of all amounts together.
func weigh(amounts []amount) (quantity, error) {
	var sum quantity
	for _, a := range amounts {
		q := a.packageMinutes()
		if q > math.MaxInt64-sum {
			return 0, fmt.Errorf("%w: package minutes", pricing.ErrOverflow)
		}
		sum += q
	}
	return sum, nil
}

// currencyOr returns the currency of the request, where there is one, or else the given one.
func (r *request) currencyOr(absent pricing.Currency) pricing.Currency {
	if !r.has("currency") {
		return absent
	}
	return r.currency()
}

// counts returns a list of whole numbers from 0 on, which sum to no more than most.
func (r *request) counts(name string, most int64) []int64 {
	if !r.need(name) {
		return nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(r.values[name], &items); err != nil {
		r.fail(name, errors.New("want a list"))
		return nil
	}
	list, left := make([]int64, len(items)), most
	for i, item := range items {
		n, err := strconv.ParseInt(string(item), 10, 64)
		if err != nil || n < 0 {
			r.fail(fmt.Sprintf("%s[%d]", name, i), fmt.Errorf("is %.32s, want a whole number from 0", item))
			return nil
		}
		if n > left {
			r.fail(name, fmt.Errorf("sum to more than %d", most))
			return nil
		}
		list[i], left = n, left-n
	}
	return list
}
