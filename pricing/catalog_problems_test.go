package pricing_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/pricing"
)

// smallCatalog has one of each element that the cases below invalidate.
const smallCatalog = `{
  "revision": "r1", "zone": "UTC",
  "products": [{"id": "live", "name": "Live", "upgradable": true, "versions": [
    {"id": "lite", "rank": 1, "terms": [{"months": 1, "minutes": 100, "list": {"USD": "10.00"}}]},
    {"id": "pro", "rank": 2, "terms": [{"months": 1, "minutes": 200, "list": {"USD": "20.00"}}], "offers": [{"id": "first", "months": 1, "price": {"USD": "15.00"}}]}
  ]}]
}`

// problems parses a catalog that must be refused.
func problems(tb testing.TB, text string) []string {
	tb.Helper()
	c, err := pricing.ParseCatalog(strings.NewReader(text))
	refused, ok := errors.AsType[*pricing.CatalogError](err)
	if !ok || c != nil {
		tb.Fatalf("ParseCatalog returned %v, %v; want a *CatalogError", c, err)
	}
	var list []string
	for _, p := range refused.Problems {
		list = append(list, p.String())
	}
	return list
}

// spoilt is smallCatalog with replacements, in pairs of old and new text.
func spoilt(tb testing.TB, pairs ...string) string {
	tb.Helper()
	text := smallCatalog
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(text, pairs[i]) != 1 {
			tb.Fatalf("%q isn't in the catalog exactly once", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

// Every problem is reported once, each with its path in the file.
// Rule: catalog-is-checked-whole.
func TestParseCatalogProblems(t *testing.T) {
	const (
		lite = "products[0].versions[0]"
		pro  = "products[0].versions[1]"
	)
	long := strings.Repeat("x", 65)
	for _, tt := range []struct {
		name  string
		edits []string
		want  []string
	}{
		{"no revision", []string{`"revision": "r1", `, ``}, []string{"revision: is empty"}},
		{"revision of another type", []string{`"r1"`, `1`}, []string{"revision: want a string"}},
		{"revision too long", []string{`"r1"`, `"` + long + `"`}, []string{"revision: is longer than 64 bytes"}},
		{"revision with NUL", []string{`"r1"`, `"r\u0000"`}, []string{"revision: is not UTF-8 text without NUL"}},
		{"notes of another type", []string{`"zone"`, `"notes": [], "zone"`}, []string{"notes: want a string"}},
		{"no zone", []string{`, "zone": "UTC"`, ``}, []string{`zone: unknown zone ""`}},
		{"unknown zone", []string{`"UTC"`, `"Mars/Olympus"`}, []string{`zone: unknown zone "Mars/Olympus"`}},
		{"the machine's zone", []string{`"UTC"`, `"Local"`}, []string{`zone: unknown zone "Local"`}},
		{"zone of another type", []string{`"UTC"`, `8`}, []string{"zone: want a string"}},
		{"unknown rounding", []string{`"zone"`, `"rounding": "nearest", "zone"`}, []string{`rounding: "nearest" is not a valid choice`}},
		{"no rounding, but said so", []string{`"zone"`, `"rounding": "", "zone"`}, []string{`rounding: "" is not a valid choice`}},
		{"rounding of another type", []string{`"zone"`, `"rounding": true, "zone"`}, []string{"rounding: want a string"}},
		{"unknown day count", []string{`"zone"`, `"day_count": "30/360", "zone"`}, []string{`day_count: "30/360" is not a valid choice`}},

		{"agreement of another type", []string{`"zone"`, `"agreement": "sla-3", "zone"`}, []string{"agreement: want an object"}},
		{"agreement without version", []string{`"zone"`, `"agreement": {}, "zone"`}, []string{"agreement.version: is empty"}},
		{"documents of another type", []string{`"zone"`, `"agreement": {"version": "1", "documents": {}}, "zone"`}, []string{"agreement.documents: want a list"}},
		{"document of another type", []string{`"zone"`, `"agreement": {"version": "1", "documents": ["SLA", null]}, "zone"`}, []string{
			"agreement.documents[0]: want an object", "agreement.documents[1]: is missing, want an object",
		}},
		{"service of another type", []string{`"zone"`, `"service": 24, "zone"`}, []string{"service: want an object"}},
		{"service out of range", []string{`"zone"`, `"service": {"grace_hours": -1, "retention_days": 3661, "late_usage_hours": 1.5}, "zone"`}, []string{
			"service.grace_hours: is -1, want a whole number from 0 to 87840",
			"service.retention_days: is 3661, want a whole number from 0 to 3660",
			"service.late_usage_hours: is 1.5, want a whole number from 0 to 87840",
		}},
		{"an unknown way with reversals", []string{`"zone"`, `"service": {"reversal": "ignore"}, "zone"`}, []string{
			`service.reversal: is "ignore", want "take" or "keep"`,
		}},
		{"service hours as text", []string{`"zone"`, `"service": {"grace_hours": "24"}, "zone"`}, []string{"service.grace_hours: want a whole number"}},

		{"tax of another type", []string{`"zone"`, `"tax": 19, "zone"`}, []string{"tax: want an object"}},
		{"tax without regions", []string{`"zone"`, `"tax": {"included": 1, "regions": []}, "zone"`}, []string{
			"tax.included: want true or false", "tax.regions: want at least one region",
		}},
		{"tax regions", []string{`"zone"`, `"tax": {"regions": [{"region": "DE"}, {"region": "DE"}, {"rates": [7]}, 1]}, "zone"`}, []string{
			`tax.regions[1].region: duplicate region "DE"`, "tax.regions[2].region: is empty", "tax.regions[2].rates[0]: want an object",
			"tax.regions[3]: want an object",
		}},
		{"tax rates", []string{`"zone"`, `"tax": {"regions": [{"region": "DE", "rates": [{"name": "VAT", "percent": "-19", "from": "soon"},
			{"name": "VAT", "percent": 19}, {"percent": "1001", "since": "x"}]}]}, "zone"`}, []string{
			"tax.regions[0].rates[0].percent: pricing: negative value: rate", "tax.regions[0].rates[0].from: pricing: invalid date: \"soon\": want a calendar day such as 2025-06-16",
			"tax.regions[0].rates[1].percent: want a string", "tax.regions[0].rates[2].since: unknown field",
			"tax.regions[0].rates: pricing: invalid tax rates: VAT has two rates from the same day on",
		}},

		{"products of another type", []string{`[{"id": "live"`, `{"a": [{"id": "live"`, "]}]\n}", "]}]}\n}"}, []string{"products: want a list"}},
		{"product of another type", []string{`[{"id": "live"`, `["chat", {"id": "live"`}, []string{"products[0]: want an object"}},
		{"product without id", []string{`"id": "live", `, ``}, []string{"products[0].id: is empty"}},
		{"product name of another type", []string{`"Live"`, `null, "notes": 1`}, []string{"products[0].notes: want a string"}},
		{"upgradable of another type", []string{`true`, `"yes"`}, []string{"products[0].upgradable: want true or false"}},
		{"duplicate product", []string{`[{"id": "live"`, `[{"id": "live", "versions": [{"id": "lite", "rank": 1, "terms": [{"months": 1, "list": {"USD": "1"}}]}]}, {"id": "live"`}, []string{
			`products[1].id: duplicate product "live"`, `products[1].versions[0].id: duplicate version "lite"`,
		}},
		{"product without versions", []string{`[{"id": "live"`, `[{"id": "chat"}, {"id": "beauty-ar", "versions": []}, {"id": "live"`}, []string{
			"products[0].versions: want at least one version", "products[1].versions: want at least one version",
		}},
		{"two products without id", []string{`[{"id": "live"`, `[{"versions": []}, {"versions": []}, {"id": "live"`}, []string{
			"products[0].id: is empty", "products[0].versions: want at least one version",
			"products[1].id: is empty", "products[1].versions: want at least one version",
		}},

		{"version of another type", []string{`{"id": "lite"`, `7, {"id": "lite"`}, []string{"products[0].versions[0]: want an object"}},
		{"duplicate version", []string{`"id": "pro"`, `"id": "lite"`}, []string{pro + `.id: duplicate version "lite"`}},
		{"duplicate rank", []string{`"rank": 2`, `"rank": 1`}, []string{pro + `.rank: rank 1 is already used by "lite"`}},
		{"no rank", []string{`"rank": 2, `, ``}, []string{pro + ".rank: is missing, want a whole number"}},
		{"two bad ranks", []string{`"rank": 1`, `"rank": 1.5`, `"rank": 2`, `"rank": "2"`}, []string{
			lite + ".rank: is 1.5, want a whole number from -1000000 to 1000000", pro + ".rank: want a whole number",
		}},
		{"an absurd rank", []string{`"rank": 2`, `"rank": 1e400`}, []string{pro + ".rank: is 1e400, want a whole number from -1000000 to 1000000"}},
		{"a bad rank is no reason to doubt the price", []string{`"rank": 1`, `"rank": 1000001`, `"20.00"`, `"9.00"`, `"15.00"`, `"8.00"`}, []string{
			lite + ".rank: is 1000001, want a whole number from -1000000 to 1000000",
		}},
		{"an overdraft below zero", []string{`"rank": 2`, `"rank": 2, "overdraft_minutes": -1`}, []string{pro + ".overdraft_minutes: is -1, want a whole number from 0 to 1000000000"}},
		{"an overdraft of half a minute", []string{`"rank": 2`, `"rank": 2, "overdraft_minutes": 0.5`}, []string{pro + ".overdraft_minutes: is 0.5, want a whole number from 0 to 1000000000"}},
		{"grace minutes of another type", []string{`"rank": 2`, `"rank": 2, "grace_minutes": "30"`}, []string{pro + ".grace_minutes: want a whole number"}},
		{"absurd grace minutes", []string{`"rank": 2`, `"rank": 2, "grace_minutes": 1000000001`}, []string{pro + ".grace_minutes: is 1000000001, want a whole number from 0 to 1000000000"}},
		{"withdrawn of another type", []string{`"rank": 2`, `"rank": 2, "withdrawn": 1`}, []string{pro + ".withdrawn: want true or false"}},
		{"features of another type", []string{`"rank": 2`, `"rank": 2, "features": []`}, []string{pro + ".features: want an object"}},
		{"a feature of another type", []string{`"rank": 2`, `"rank": 2, "features": {"mau": 5000}`}, []string{pro + ".features.mau: want a string"}},
		{"trial of another type", []string{`"rank": 2`, `"rank": 2, "trial": true`}, []string{pro + ".trial: want an object"}},
		{"trial limits", []string{`"rank": 2`, `"rank": 2, "trial": {"per_application": 0, "per_account": -1}`}, []string{
			pro + ".trial.per_application: is 0, want a whole number from 1 to 1000",
			pro + ".trial.per_account: is -1, want a whole number from 1 to 1000000",
		}},

		{"a version with no price", []string{`[{"months": 1, "minutes": 100, "list": {"USD": "10.00"}}]`, `[]`}, []string{lite + ".terms: want at least one term with a price"}},
		{"a version with no terms", []string{`"terms": [{"months": 1, "minutes": 100, "list": {"USD": "10.00"}}]`, `"name": "Lite"`}, []string{
			lite + ".terms: want at least one term with a price",
		}},
		{"terms of another type", []string{`[{"months": 1, "minutes": 100, "list": {"USD": "10.00"}}]`, `"10.00"`}, []string{lite + ".terms: want a list"}},
		{"a term with no price", []string{`, "list": {"USD": "10.00"}`, ``}, []string{lite + ".terms[0].list: want at least one price"}},
		{"a term with an empty list", []string{`{"USD": "10.00"}`, `{}`}, []string{lite + ".terms[0].list: want at least one price"}},
		{"a price without currency", []string{`{"USD": "10.00"}`, `"10.00"`}, []string{lite + ".terms[0].list: want an object"}},
		{"term of another type", []string{`{"months": 1, "minutes": 100, "list": {"USD": "10.00"}}`, `1`}, []string{lite + ".terms[0]: want an object"}},
		{"months and days", []string{`"months": 1, "minutes": 100`, `"months": 1, "days": 30`}, []string{lite + ".terms[0]: want either months or days"}},
		{"neither months nor days", []string{`"months": 1, "minutes": 100, `, ``}, []string{lite + ".terms[0]: want either months or days"}},
		{"no months", []string{`"months": 1, "minutes": 100`, `"months": 0`}, []string{lite + ".terms[0].months: is 0, want a whole number from 1 to 120"}},
		{"too many days", []string{`"months": 1, "minutes": 100`, `"days": 3661`}, []string{lite + ".terms[0].days: is 3661, want a whole number from 1 to 3660"}},
		{"duplicate term", []string{`"list": {"USD": "10.00"}}`, `"list": {"USD": "10.00"}}, {"months": 1, "list": {"EUR": "9.00"}}`}, []string{
			lite + ".terms[1]: duplicate term of 1 month",
		}},
		{"negative minutes", []string{`"minutes": 100`, `"minutes": -1`}, []string{lite + ".terms[0].minutes: is -1, want a whole number from 0 to 1000000000000"}},
		{"absurd minutes", []string{`"minutes": 100`, `"minutes": 1000000000001`}, []string{
			lite + ".terms[0].minutes: is 1000000000001, want a whole number from 0 to 1000000000000",
		}},
		{"fractional minutes", []string{`"minutes": 100`, `"minutes": 0.5`}, []string{lite + ".terms[0].minutes: is 0.5, want a whole number from 0 to 1000000000000"}},

		{"a negative price", []string{`"10.00"`, `"-10.00"`}, []string{lite + ".terms[0].list.USD: -10.00 USD is negative"}},
		{"an absurd price", []string{`"20.00"`, `"10000000000000.01"`}, []string{
			pro + ".terms[0].list.USD: 10000000000000.01 USD is too large: the maximum is 10000000000000.00 USD",
			pro + ".offers[0]: no list price in USD for 1 month",
		}},
		{"half a cent", []string{`"10.00"`, `"10.005"`}, []string{
			lite + `.terms[0].list.USD: pricing: more digits than the currency has: "10.005" has 3 decimals, want at most 2`,
		}},
		{"decimals of yen", []string{`"USD": "10.00"`, `"JPY": "10.00"`}, []string{
			lite + `.terms[0].list.JPY: pricing: more digits than the currency has: "10.00" has 2 decimals, want at most 0`,
		}},
		{"unknown currency", []string{`"USD": "10.00"`, `"usd": "10.00"`}, []string{lite + `.terms[0].list.usd: pricing: unknown currency: "usd"`}},
		{"no amount", []string{`"10.00"`, `""`}, []string{lite + `.terms[0].list.USD: pricing: malformed text: decimal ""`}},
		{"a price that is a number", []string{`"10.00"`, `10.00`}, []string{lite + ".terms[0].list.USD: want a string"}},
		{"a price with an exponent", []string{`"10.00"`, `"1e1"`}, []string{lite + `.terms[0].list.USD: pricing: malformed text: decimal "1e1"`}},
		{"prices fall as the rank rises", []string{`"20.00"`, `"9.99"`, `"15.00"`, `"8.00"`}, []string{
			pro + `.terms[0].list.USD: 9.99 USD for 1 month is below 10.00 USD, the price of lower version "lite"; set price_falls to allow it`,
		}},
		{"two prices fall", []string{`{"USD": "10.00"}`, `{"USD": "10.00", "JPY": "1500", "EUR": "9"}`, `{"USD": "20.00"}`, `{"USD": "9.99", "EUR": "9", "JPY": "1499"}`, `"15.00"`, `"8.00"`}, []string{
			pro + `.terms[0].list.USD: 9.99 USD for 1 month is below 10.00 USD, the price of lower version "lite"; set price_falls to allow it`,
			pro + `.terms[0].list.JPY: 1499 JPY for 1 month is below 1500 JPY, the price of lower version "lite"; set price_falls to allow it`,
		}},

		{"offers of another type", []string{`[{"id": "first", "months": 1, "price": {"USD": "15.00"}}]`, `{}`}, []string{pro + ".offers: want a list"}},
		{"offer of another type", []string{`{"id": "first", "months": 1, "price": {"USD": "15.00"}}`, `false`}, []string{pro + ".offers[0]: want an object"}},
		{"offer without id", []string{`"id": "first", `, ``}, []string{pro + ".offers[0].id: is empty"}},
		{"offer without term", []string{`"first", "months": 1`, `"first"`}, []string{pro + ".offers[0]: want either months or days"}},
		{"offer without price", []string{`, "price": {"USD": "15.00"}`, ``}, []string{pro + ".offers[0].price: want at least one price"}},
		{"duplicate offer", []string{`"offers": [`, `"offers": [{"id": "first", "months": 1, "price": {"USD": "16.00"}}, `}, []string{pro + `.offers[1].id: duplicate offer "first"`}},
		{"offer above the list price", []string{`"15.00"`, `"20.01"`}, []string{pro + ".offers[0]: 20.01 USD is above the list price of 20.00 USD"}},
		{"offer in another currency", []string{`{"USD": "15.00"}`, `{"EUR": "15.00"}`}, []string{pro + ".offers[0]: no list price in EUR for 1 month"}},
		{"offer for another term", []string{`"first", "months": 1`, `"first", "days": 30`}, []string{pro + ".offers[0]: no list price in USD for 30 days"}},
		{"offer until before from", []string{`"id": "first"`, `"id": "first", "from": "2025-06-16", "until": "2025-06-15"`}, []string{pro + ".offers[0].until: is before from"}},
		{"offer on no day", []string{`"id": "first"`, `"id": "first", "from": "2025-02-30", "until": 20250616`}, []string{
			pro + `.offers[0].from: pricing: invalid date: "2025-02-30": want a calendar day such as 2025-06-16`, pro + ".offers[0].until: want a string",
		}},
		{"offer for no period", []string{`"id": "first"`, `"id": "first", "periods": 0`}, []string{
			pro + ".offers[0].periods: is 0, want a whole number from 1 to 1200",
		}},
		{"offer for too many periods", []string{`"id": "first"`, `"id": "first", "periods": 1201`}, []string{
			pro + ".offers[0].periods: is 1201, want a whole number from 1 to 1200",
		}},
		{"changes of another type", []string{`"versions": [`, `"changes": "yes", "versions": [`}, []string{
			"products[0].changes: want true or false",
		}},
		{"the day that stands for unbounded", []string{`"id": "first"`, `"id": "first", "from": "1969-12-31", "until": "1970-01-01"`}, []string{
			pro + ".offers[0].from: is before 1970-01-02", pro + ".offers[0].until: is before 1970-01-02",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			equal(t, "problems", problems(t, spoilt(t, tt.edits...)), tt.want)
		})
	}
}

// Unknown fields are typing errors, such as "price_fals" or a price in the wrong place.
// Rule: catalog-is-checked-whole.
func TestParseCatalogUnknownFields(t *testing.T) {
	text := strings.NewReplacer(
		`"revision"`, `"x1": {"y": [1]}, "revision"`,
		`"name": "SLA"`, `"x2": 1, "name": "SLA"`,
		`"version": "sla-3"`, `"x3": 1, "version": "sla-3"`,
		`"grace_hours"`, `"x4": null, "grace_hours"`,
		`"id": "call"`, `"Id": "call", "id": "call"`,
		`"id": "duo"`, `"price_fals": true, "id": "duo"`,
		`"per_account"`, `"x5": 1, "per_account"`,
		`"months": 12`, `"USD": "1.00", "months": 12`,
		`"first_purchase"`, `"x6": 1, "first_purchase"`,
	).Replace(sampleCatalog)
	equal(t, "problems", problems(t, text), []string{
		"agreement.documents[0].x2: unknown field",
		"agreement.x3: unknown field",
		"service.x4: unknown field",
		"products[0].versions[0].terms[1].USD: unknown field",
		"products[0].versions[1].offers[1].x6: unknown field",
		"products[0].versions[2].trial.x5: unknown field",
		"products[0].versions[3].price_fals: unknown field",
		"products[0].Id: unknown field",
		"x1: unknown field",
	})
}

// A duplicate name is refused, because parsers differ in which of the two they use.
// Rule: catalog-is-checked-whole.
func TestParseCatalogDuplicateMembers(t *testing.T) {
	equal(t, "problems", problems(t, spoilt(t,
		`"zone": "UTC"`, `"zone": "UTC", "zone": "UTC"`,
		`{"USD": "10.00"}`, `{"USD": "10.00", "USD": "1.00"}`,
		`"rank": 2`, `"rank": 2, "features": {"mau": "1", "mau": "2"}`,
		`"rank": 1`, `"rank": 1, "x": {"y": 1, "y": 2}`,
	)), []string{
		"zone: appears twice",
		"products[0].versions[0].x.y: appears twice",
		"products[0].versions[0].terms[0].list.USD: appears twice",
		"products[0].versions[1].features.mau: appears twice",
		"products[0].versions[0].x: unknown field",
	})
}

// All problems are reported at once, so a catalog can be corrected in one pass.
// Rule: catalog-is-checked-whole.
func TestParseCatalogAllProblemsAtOnce(t *testing.T) {
	text := spoilt(t, `"r1"`, `""`, `"UTC"`, `"Mars/Olympus"`, `"rank": 2`, `"rank": 1`, `"10.00"`, `"-1"`, `"15.00"`, `"15.001"`, `true`, `1`)
	want := []string{
		"revision: is empty",
		`zone: unknown zone "Mars/Olympus"`,
		"products[0].upgradable: want true or false",
		"products[0].versions[0].terms[0].list.USD: -1.00 USD is negative",
		`products[0].versions[1].rank: rank 1 is already used by "lite"`,
		`products[0].versions[1].offers[0].price.USD: pricing: more digits than the currency has: "15.001" has 3 decimals, want at most 2`,
	}
	equal(t, "problems", problems(t, text), want)
	_, err := pricing.ParseCatalog(strings.NewReader(text))
	equal(t, "Error", err.Error(), "pricing: catalog: 6 problem(s); "+strings.Join(want, "; "))
}

func TestCatalogErrorIsShort(t *testing.T) {
	var e pricing.CatalogError
	for i := range 20 {
		e.Problems = append(e.Problems, pricing.Problem{Path: fmt.Sprintf("p[%d]", i), Message: "m"})
	}
	equal(t, "Error", e.Error(), "pricing: catalog: 20 problem(s); "+
		"p[0]: m; p[1]: m; p[2]: m; p[3]: m; p[4]: m; p[5]: m; p[6]: m; p[7]: m; and 12 more")
}

func TestParseCatalogNotJSON(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "(file): is not JSON: at byte 0: EOF"},
		{"spaces", "  \n", "(file): is not JSON: at byte 0: EOF"},
		{"cut short in an object", `{"revision":"r1"`, "(file): is not JSON: EOF"},
		{"cut short in a name", `{"revi`, "(file): is not JSON: at byte 1: unexpected EOF"},
		{"cut short in a list", `{"products":[1`, "(file): is not JSON: EOF"},
		{"a list closed as an object", `[1}`, "(file): is not JSON: invalid character '}' after array element"},
		{"no comma", `{"a":1 "b":2}`, "(file): is not JSON: at byte 7: invalid character '\"' after object key:value pair"},
		{"a comma too many", `[1,]`, "(file): is not JSON: at byte 3: invalid character ']' looking for beginning of value"},
		{"another object", smallCatalog + smallCatalog, "(file): is not JSON: unexpected data after the catalog object"},
		{"a brace too many", smallCatalog + "}", "(file): is not JSON: unexpected data after the catalog object"},
		{"NUL after it", smallCatalog + "\x00", "(file): is not JSON: unexpected data after the catalog object"},
		{"invalid UTF-8", strings.Replace(smallCatalog, "Live", "Li\xffe", 1), "(file): is not JSON: not valid UTF-8"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "(file): is not JSON: not valid UTF-8"},
		{"a byte order mark", "\ufeff" + smallCatalog, "(file): is not JSON: at byte 0: invalid character 'ï' looking for beginning of value"},
		{"nested 17 deep", deep(17), "(file): is not JSON: at byte 17: nested deeper than 16"},
		{"nested a million deep", deep(1 << 20), "(file): is not JSON: at byte 17: nested deeper than 16"},
		{"nested 16 deep, and not an object", deep(16), "(file): want an object"},
		{"null", "null", "(file): is missing, want an object"},
		{"a number", "1e999999999", "(file): want an object"},
		{"250,001 values", "[" + strings.TrimSuffix(strings.Repeat("0,", 250_000), ",") + "]", "(file): is not JSON: at byte 500000: more than 250000 values"},
		{"larger than 4 MiB", smallCatalog + strings.Repeat(" ", 4<<20), "(file): is larger than 4194304 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) { equal(t, "problems", problems(t, tt.text), []string{tt.want}) })
	}
	catalog(t, smallCatalog+strings.Repeat(" ", 4<<20-len(smallCatalog))) // 4 MiB exactly
}

// The cost of hostile files within the size limit is bounded, in memory, time and messages.
// Rule: catalog-cost-is-bounded.
func TestParseCatalogHostile(t *testing.T) {
	const size = 4<<20 - 1000
	small := map[string]bool{"many numbers": true, "many versions": true, "many packs": true} // tried in every run
	name := strings.Repeat("n", size/2)
	fill := func(item string, bytes int) string {
		return strings.TrimSuffix(strings.Repeat(item+",", bytes/(len(item)+1)), ",")
	}
	version := func(i int) string {
		return fmt.Sprintf(`{"id":"v%d","rank":%d,"terms":[{"months":1,"list":{"USD":"1"}}]}`, i, i)
	}
	offer := func(i int) string { return fmt.Sprintf(`{"id":"o%d","months":1,"price":{"USD":"1"}}`, i) }
	tier := func(i int) string {
		return fmt.Sprintf(`{"from":%d,"per_thousand":{"USD":"0.000000001","JPY":"0.1"}}`, i)
	}
	count := func(n int, item func(int) string) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(item(i))
		}
		return b.String()
	}
	list := func(item func(int) string) string { return count(30_000, item) } // 8 values each
	for _, tt := range []struct{ name, text string }{
		{"a long name above many values", `{"` + name + `":[` + fill("0", size/2) + `]}`},
		{"a long name above many duplicates", `{"` + name + `":{` + fill(`"a":0`, size/2) + `}}`},
		{"a long name that appears twice, often", `{"` + name + `":[` + fill(`{"a":0,"a":0}`, size/2) + `]}`},
		{"long names, nested", strings.Repeat(`{"`+name[:size/40]+`":`, 15) + `[` + fill("0", size/2) + `]` + strings.Repeat("}", 15)},
		{"many numbers", `{"products":[` + fill("0", size) + `]}`},
		{"many objects", `{"products":[` + fill("{}", size) + `]}`},
		{"a long version ID that many others are compared with", `{"products":[{"id":"p","versions":[{"id":"` + name +
			`","rank":0,"terms":[{"months":1,"list":{"USD":"9"}}]},` + fill(`{"id":"v","rank":0,"terms":[{"months":1,"list":{"USD":"1"}}]}`, size/2) + `]}]}`},
		{"many prices of nothing", `{"packs":[{"custom":{"step":1,"tiers":[{"per_thousand":{` + fill(`"USD":"0.000000001"`, size/2) + `}}]}}]}`},
		{"many tiers of nothing", `{"packs":[{"custom":{"step":1,"tiers":[` + list(tier) + `]}}]}`},
		{"many versions", `{"products":[{"id":"p","versions":[` + list(version) + `]}]}`},
		{"many offers", `{"products":[{"id":"p","versions":[{"id":"v","rank":0,"terms":[{"months":1,"list":{"USD":"1"}}],"offers":[` + list(offer) + `]}]}]}`},
		{"a pack for many unknown products", `{"packs":[{"id":"k","products":[` + count(150_000, func(i int) string {
			return fmt.Sprintf(`"%08d"`, i)
		}) + `]}]}`},
		{"a pack for many known products", `{"products":[` + count(40_000, func(i int) string {
			return fmt.Sprintf(`{"id":"%d"}`, i)
		}) + `],"packs":[{"id":"k","products":[` + count(40_000, func(i int) string {
			return fmt.Sprintf(`"%d"`, 39_999-i)
		}) + `]}]}`},
		{"many packs", `{"packs":[` + count(100_000, func(i int) string { return fmt.Sprintf(`{"id":"%d"}`, i) }) + `]}`},
		{"many grants", `{"free":[` + count(100_000, func(i int) string { return fmt.Sprintf(`{"id":"%d"}`, i) }) + `]}`},
		{"many kinds", `{"usage":{"kinds":[` + count(100_000, func(i int) string { return fmt.Sprintf(`{"id":"%d"}`, i) }) + `]}}`},
		{"many terms", `{"products":[{"id":"p","versions":[{"id":"v","rank":1,"terms":[` + count(80_000, func(i int) string {
			return fmt.Sprintf(`{"days":%d}`, i%3000+1)
		}) + `]}]}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if !small[tt.name] {
				testsize.Full(t)
			}
			least := tokenized(t, tt.text)
			start := time.Now()
			var got []string
			bytes := allocated(func() { got = problems(t, tt.text) })
			if bytes > 256<<20 {
				t.Errorf("%d MiB allocated", bytes>>20)
			}
			if took := time.Since(start); took > 50*least+time.Second {
				t.Errorf("took %s; reading its JSON alone takes %s", took, least)
			}
			if len(got) > 1001 {
				t.Errorf("%d problems", len(got))
			}
			for _, p := range got {
				if len(p) > 2000 {
					t.Fatalf("a problem of %d bytes", len(p))
				}
			}
		})
	}
}

// tokenized returns the time to read a text as JSON, up to the first error.
func tokenized(tb testing.TB, text string) time.Duration {
	tb.Helper()
	start := time.Now()
	d := json.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err != nil {
			return time.Since(start)
		}
	}
}
