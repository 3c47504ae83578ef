package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/prepaidkit/prepaid/examples/compare"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// groupedMinutes formats minutes with thousands separators.
func groupedMinutes(q subscription.Quantity) string {
	whole := strconv.FormatInt(q.Whole(), 10)
	return grouped(q.Whole()) + q.String()[len(whole):]
}

// minutes returns the minutes of each kind in the request, in the catalog's order.
func (r *request) minutes(name string, cat *pricing.Catalog) []compare.Amount {
	in := r.object(name)
	for _, kind := range in.names {
		if _, err := cat.UsageKind(pricing.UsageKindID(kind)); err != nil {
			in.fail("", err)
		}
	}
	var all []compare.Amount
	for _, k := range cat.UsageKinds() {
		if in.has(string(k.ID)) {
			all = append(all, compare.Amount{Kind: k, Minutes: in.count(string(k.ID), 0, maxMinutes)})
		}
	}
	return all
}

// currencyOr returns the currency of the request, or the given one if there is none.
func (r *request) currencyOr(absent pricing.Currency) pricing.Currency {
	if !r.has("currency") {
		return absent
	}
	return r.currency()
}

// counts returns a list of whole numbers from 0 up whose sum is at most most.
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
