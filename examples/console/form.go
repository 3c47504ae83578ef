package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

// A form's key is in the field "key": a new one for each page, so that sending the page twice is one request.
const keyField = "key"

// formKey returns the key of the form, or a new one for a form that has none. A key is text of a bounded length; it
// becomes part of a request's key, and need not be one of ours.
func formKey(r *http.Request) string {
	if key := r.FormValue(keyField); key != "" && len(key) <= 40 && identifier(key) != "" {
		return key
	}
	return newKey()
}

// termCode writes a term for a form: 1m or 7d.
func termCode(t pricing.Term) string {
	if t.Days > 0 {
		return fmt.Sprintf("%dd", t.Days)
	}
	return fmt.Sprintf("%dm", t.Months)
}

// parseTerm reads what termCode writes. It returns the zero term for anything else.
func parseTerm(s string) pricing.Term {
	if digits, ok := strings.CutSuffix(s, "d"); ok {
		return pricing.Days(int(wholeNumber(digits)))
	}
	digits, ok := strings.CutSuffix(s, "m")
	if !ok {
		return pricing.Term{}
	}
	return pricing.Months(int(wholeNumber(digits)))
}

// wholeNumber reads a number that a person typed, with or without thousands separators. It returns -1 for what isn't a
// whole number of at most twelve digits.
func wholeNumber(s string) int64 {
	s = strings.NewReplacer(",", "", " ", "", "\u00a0", "").Replace(s)
	if len(s) > 12 {
		return -1
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
