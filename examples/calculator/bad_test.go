package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// with returns a good upgrade with one part of it replaced.
func with(old, replacement string) string {
	const good = `{"op":"upgrade","currency":"USD","zone":"UTC","start":"2025-06-01","months":1,"at":"2025-06-16T10:00:00Z","from":{"list":"100.00","minutes":1000},"to":{"list":"300.00","minutes":5000}}`
	if !strings.Contains(good, old) {
		panic("no such part: " + old)
	}
	return strings.Replace(good, old, replacement, 1)
}

// TestBadLines checks why invalid requests are refused.
func TestBadLines(t *testing.T) {
	for _, tt := range []struct{ name, line, says string }{
		// The line.
		{"not JSON", `nope`, "not JSON"},
		{"not an object", `["op"]`, "want an object"},
		{"null", `null`, "want an object"},
		{"two objects", `{"op":"path","product":"live","from":"lite"} {}`, "not JSON"},
		{"not UTF-8", "{\"op\":\"path\",\"product\":\"live\xff\",\"from\":\"lite\"}", "UTF-8"},
		{"deep", strings.Repeat(`{"op":`, 20_000), "not JSON"},
		{"unknown field", `{"op":"path","product":"live","from":"lite","color":1}`, `unknown field "color"`},
		{"other case", `{"op":"path","Product":"live","from":"lite"}`, "product: is missing"},
		{"repeated field", `{"op":"path","op":"path","product":"live","from":"lite"}`, `"op" appears twice`},
		{"repeated field inside", with(`{"list":"100.00",`, `{"list":"100.00","list":"100.00",`), `from: field "list" appears twice`},
		{"unknown field inside", with(`{"list":"300.00",`, `{"paid":"300.00","list":"300.00",`), `to: unknown field "paid"`},
		{"no op", `{}`, "op: is missing"},
		{"unknown op", `{"op":"refund"}`, "op:"},
		{"op is a number", `{"op":1}`, "op: want a string"},
		{"field of another op", `{"op":"path","product":"live","from":"lite","months":1}`, `"months"`},

		// Amounts.
		{"negative", with(`"list":"100.00"`, `"list":"-100.00"`), "from.list: pricing: negative"},
		{"negative paid", with(`"list":"100.00"`, `"list":"100.00","paid":"-0.01"`), "from.paid: pricing: negative"},
		{"too many digits", with(`"100.00"`, `"100.001"`), "more digits"},
		{"too many digits of zero", with(`"100.00"`, `"100.000"`), "more digits"},
		{"digits of yen", strings.Replace(with(`"100.00"`, `"100"`), "USD", "JPY", 1), "to.list: pricing: more digits"},
		{"number", with(`"100.00"`, `100.00`), "from.list: want a string"},
		{"exponent", with(`"100.00"`, `"1e2"`), "from.list: pricing: malformed"},
		{"absurd exponent", with(`"100.00"`, `"1e999999999"`), "from.list: pricing: malformed"},
		{"absurd exponent of a number", with(`"100.00"`, `1e999999999`), "from.list: want a string"},
		{"absurd amount", with(`"300.00"`, `"10000000000000.01"`), "to.list: pricing: value out of range"},
		{"overflow", with(`"300.00"`, `"9999999999999999999999.00"`), "to.list: pricing: value out of range"},
		{"a megabyte of digits", with(`"300.00"`, `"`+strings.Repeat("9", 900_000)+`"`), "to.list:"},
		{"sign", with(`"100.00"`, `"+100.00"`), "malformed"},
		{"blank", with(`"100.00"`, `" 100.00"`), "malformed"},
		{"empty", with(`"100.00"`, `""`), "malformed"},
		{"comma", with(`"100.00"`, `"100,00"`), "malformed"},
		{"no list", with(`"list":"100.00",`, ``), "from.list: is missing"},
		{"null list", with(`"list":"100.00"`, `"list":null`), "from.list: is missing"},
		{"unknown currency", with(`USD`, `XXX`), "currency: pricing: unknown currency"},
		{"currency in lower case", with(`USD`, `usd`), "currency: pricing: unknown currency"},
		{"no currency", with(`"currency":"USD",`, ``), "currency: is missing"},

		// Minutes and counts.
		{"negative minutes", with(`1000`, `-1`), "from.minutes"},
		{"absurd minutes", with(`5000`, `1000000000001`), "to.minutes"},
		{"fraction of a minute", with(`5000`, `0.5`), "to.minutes"},
		{"exponent of minutes", with(`5000`, `5e3`), "to.minutes"},
		{"absurd exponent of minutes", with(`5000`, `1e999999999`), "to.minutes"},
		{"minutes as a string", with(`5000`, `"5000"`), "to.minutes"},
		{"negative cycles", with(`"zone":"UTC"`, `"zone":"UTC","future_cycles":-1`), "future_cycles"},
		{"absurd cycles", with(`"zone":"UTC"`, `"zone":"UTC","future_cycles":1000000000`), "future_cycles"},

		// Days, zones, terms.
		{"impossible start", with(`"2025-06-01"`, `"2025-02-30"`), "start: pricing: invalid date"},
		{"impossible at", with(`"2025-06-16T10:00:00Z"`, `"2025-06-31T10:00:00Z"`), "at: pricing: invalid date"},
		{"25 o'clock", with(`"2025-06-16T10:00:00Z"`, `"2025-06-16T25:00:00Z"`), "at: pricing: invalid date"},
		{"no offset", with(`"2025-06-16T10:00:00Z"`, `"2025-06-16T10:00:00"`), "at: pricing: invalid date"},
		{"year 0", with(`"2025-06-01"`, `"0000-06-01T00:00:00Z"`), "start: pricing: invalid date"},
		{"year 10000", with(`"2025-06-01"`, `"9999-12-31T23:59:59-12:00"`), "start: pricing: invalid date"},
		{"ends after the calendar", with(`"2025-06-01"`, `"9999-12-15"`), "pricing: invalid date"},
		{"before the period", with(`2025-06-16T10:00:00Z`, `2025-05-31T23:59:59Z`), "outside the period"},
		{"at the end", with(`2025-06-16T10:00:00Z`, `2025-07-01T00:00:00Z`), "outside the period"},
		{"at the end, a day", with(`2025-06-16T10:00:00Z`, `2025-07-01`), "outside the period"},
		{"unknown zone", with(`"zone":"UTC"`, `"zone":"Mars/Olympus"`), "zone: pricing: unknown time zone"},
		{"zone outside", with(`"zone":"UTC"`, `"zone":"../../etc/passwd"`), "zone: pricing: unknown time zone"},
		{"the machine's zone", with(`"zone":"UTC"`, `"zone":"Local"`), "zone: pricing: unknown time zone"},
		{"empty zone", with(`"zone":"UTC"`, `"zone":""`), "zone: pricing: unknown time zone"},
		{"no term", with(`"months":1,`, ``), "either months or days"},
		{"two terms", with(`"months":1`, `"months":1,"days":30`), "either months or days"},
		{"no months", with(`"months":1`, `"months":0`), "months"},
		{"absurd months", with(`"months":1`, `"months":121`), "months"},
		{"absurd days", with(`"months":1`, `"days":99999999999999999999`), "days"},
		{"unknown rounding", with(`"months":1`, `"months":1,"rounding":"ceiling"`), "rounding: pricing: unknown rounding"},
		{"empty rounding", with(`"months":1`, `"months":1,"rounding":""`), "rounding: is empty"},
		{"unknown day count", with(`"months":1`, `"months":1,"day_count":"30/360"`), "day_count: pricing: unknown day count"},
		{"elapsed, before the instant", `{"op":"upgrade","currency":"USD","zone":"UTC","start":"2025-06-01T12:00:00Z","months":1,"at":"2025-06-01T11:59:59Z","day_count":"elapsed","from":{"list":"1.00"},"to":{"list":"3.00"}}`, "outside the period"},
		{"elapsed, at the end", `{"op":"upgrade","currency":"USD","zone":"UTC","start":"2025-06-01T12:00:00Z","months":1,"at":"2025-07-01T12:00:00Z","day_count":"elapsed","from":{"list":"1.00"},"to":{"list":"3.00"}}`, "outside the period"},
		{"elapsed, after the calendar", `{"op":"upgrade","currency":"USD","zone":"UTC","start":"9999-12-15T12:00:00Z","months":1,"at":"9999-12-15T12:00:00Z","day_count":"elapsed","from":{"list":"1.00"},"to":{"list":"3.00"}}`, "pricing: invalid date"},
		{"elapsed, before the calendar", `{"op":"upgrade","currency":"USD","zone":"America/New_York","start":"0001-01-01T00:00:00Z","days":1,"at":"0001-01-01T00:00:00Z","day_count":"elapsed","from":{"list":"1.00"},"to":{"list":"3.00"}}`, "pricing: invalid date"},

		// The two packages of an upgrade.
		{"no from", with(`"from":{"list":"100.00","minutes":1000},`, ``), "from: is missing"},
		{"from is a string", with(`{"list":"100.00","minutes":1000}`, `"lite"`), "from: want an object"},
		{"version without product", with(`{"list":"100.00","minutes":1000}`, `{"version":"lite"}`), "from.version: is given without a product"},
		{"figures beside a product", with(`"currency"`, `"product":"live","currency"`), "from: with a product"},
		{"downgrade", named("live", "pro", "lite"), "live/lite is not above pro"},
		{"to the same", named("live", "pro", "pro"), "live/pro is not above pro"},
		{"not upgradable", named("beauty-ar", "lite", "pro"), "packages of beauty-ar are not upgradable"},
		{"from a trial", named("call", "trial", "group-call"), "call/trial is a trial"},
		{"unknown product", named("fax", "lite", "pro"), "no such product"},
		{"unknown current version", named("live", "mini", "pro"), "no such package version"},
		{"unknown new version", named("live", "lite", "max"), "no such package version"},
		{"not sold for that term", strings.Replace(named("live", "lite", "pro"), `"months":1`, `"months":7`, 1), "not sold for that term"},
		{"not sold in that currency", strings.Replace(named("live", "lite", "pro"), "USD", "EUR", 1), "not sold for that term"},

		// Purchases.
		{"purchase of an unknown product", `{"op":"purchase","product":"fax","version":"lite","months":1,"currency":"USD","on":"2025-06-16"}`, "no such product"},
		{"purchase of an unknown version", `{"op":"purchase","product":"live","version":"mini","months":1,"currency":"USD","on":"2025-06-16"}`, "no such package version"},
		{"purchase for another term", `{"op":"purchase","product":"live","version":"lite","days":30,"currency":"USD","on":"2025-06-16"}`, "not sold for that term"},
		{"purchase in another currency", `{"op":"purchase","product":"live","version":"lite","months":1,"currency":"EUR","on":"2025-06-16"}`, "not sold for that term"},
		{"purchase in an unknown currency", `{"op":"purchase","product":"live","version":"lite","months":1,"currency":"XXX","on":"2025-06-16"}`, "unknown currency"},
		{"purchase on no day", `{"op":"purchase","product":"live","version":"lite","months":1,"currency":"USD","on":"2025-06-31"}`, "on: pricing: invalid date"},
		{"purchase at an instant", `{"op":"purchase","product":"live","version":"lite","months":1,"currency":"USD","on":"2025-06-16T00:00:00Z"}`, "on: pricing: invalid date"},
		{"purchase at the end of time", `{"op":"purchase","product":"live","version":"lite","months":1,"currency":"USD","on":"9999-12-31"}`, "pricing: invalid date"},
		{"unknown offer", `{"op":"purchase","product":"call","version":"one-to-one","months":1,"currency":"USD","on":"2025-06-16","offer":"gift"}`, "no such offer"},
		{"offer not in force", `{"op":"purchase","product":"call","version":"group-call","months":1,"currency":"USD","on":"2025-11-12","offer":"november-2025"}`, "no such offer"},
		{"offer for another term", `{"op":"purchase","product":"call","version":"one-to-one","months":12,"currency":"USD","on":"2025-06-16","offer":"first-month"}`, "no such offer"},

		// Periods.
		{"no count", `{"op":"periods","anchor":"2024-01-31","months":1}`, "count: is missing"},
		{"count of zero", `{"op":"periods","anchor":"2024-01-31","months":1,"count":0}`, "count"},
		{"absurd count", `{"op":"periods","anchor":"2024-01-31","months":1,"count":1201}`, "count"},
		{"impossible anchor", `{"op":"periods","anchor":"2023-02-29","months":1,"count":1}`, "anchor: pricing: invalid date"},
		{"periods beyond the calendar", `{"op":"periods","anchor":"2024-01-31","months":120,"count":1200}`, "pricing: invalid date"},
		{"periods in an unknown zone", `{"op":"periods","anchor":"2024-01-31","months":1,"count":1,"zone":"Nowhere"}`, "unknown time zone"},

		// Packs.
		{"pack without name", `{"op":"pack","quantity":1}`, "pack: is missing"},
		{"unknown pack", `{"op":"pack","pack":"4k"}`, "no such pack"},
		{"no packs", `{"op":"pack","pack":"rtc-engine-25k","quantity":0}`, "quantity: is 0, want a whole number from 1 to 10000"},
		{"less than no packs", `{"op":"pack","pack":"rtc-engine-25k","quantity":-1}`, "quantity"},
		{"absurdly many packs", `{"op":"pack","pack":"rtc-engine-25k","quantity":10001}`, "quantity"},
		{"half a pack", `{"op":"pack","pack":"rtc-engine-25k","quantity":0.5}`, "quantity"},
		{"minutes of a fixed pack", `{"op":"pack","pack":"rtc-engine-25k","minutes":25000}`, "minutes: a pack rtc-engine-25k has 25000"},
		{"quantity of a custom pack", `{"op":"pack","pack":"custom","minutes":30000,"quantity":1}`, "quantity: a custom pack"},
		{"custom pack without minutes", `{"op":"pack","pack":"custom"}`, "minutes: is missing"},
		{"size between the steps", `{"op":"pack","pack":"custom","minutes":24999}`, "not sold in that size"},
		{"size above the most", `{"op":"pack","pack":"custom","minutes":1000001000}`, "not sold in that size"},
		{"no size", `{"op":"pack","pack":"custom","minutes":0}`, "minutes: is 0"},
		{"pack in another currency", `{"op":"pack","pack":"custom","minutes":1000,"currency":"EUR"}`, "not sold for that term and currency: pack custom"},
		{"pack in an unknown currency", `{"op":"pack","pack":"custom","minutes":1000,"currency":"XXX"}`, "currency: pricing: unknown currency"},

		// Usage.
		{"usage of nothing", `{"op":"usage"}`, "minutes: is missing"},
		{"usage as a number", `{"op":"usage","minutes":60}`, "minutes: want an object"},
		{"unknown kind", `{"op":"usage","minutes":{"8k":1}}`, "minutes: pricing: no such kind of usage"},
		{"a kind of a megabyte", `{"op":"usage","minutes":{"` + strings.Repeat("k", 900_000) + `":1}}`, "minutes: pricing: no such kind of usage"},
		{"negative usage", `{"op":"usage","minutes":{"hd":-1}}`, "minutes.hd: is -1, want a whole number from 0 to 1000000000000"},
		{"fraction of a minute used", `{"op":"usage","minutes":{"hd":0.5}}`, "minutes.hd"},
		{"usage as text", `{"op":"usage","minutes":{"hd":"60"}}`, "minutes.hd"},
		{"absurd usage", `{"op":"usage","minutes":{"hd":1000000000001}}`, "minutes.hd"},
		{"a kind twice", `{"op":"usage","minutes":{"hd":1,"hd":2}}`, `minutes: field "hd" appears twice`},
		{"usage in another currency", `{"op":"usage","minutes":{"hd":1},"currency":"JPY"}`, "not sold for that term and currency: usage of hd"},

		// Deductions.
		{"deduct no kind", `{"op":"deduct","seconds":[1]}`, "kind: is missing"},
		{"deduct an unknown kind", `{"op":"deduct","kind":"8k","seconds":[1]}`, "no such kind of usage"},
		{"deduct what is never covered", `{"op":"deduct","kind":"transcoding","seconds":[1]}`, "packages don't cover transcoding"},
		{"deduct nothing", `{"op":"deduct","kind":"hd"}`, "seconds: is missing"},
		{"deduct a number", `{"op":"deduct","kind":"hd","seconds":30}`, "seconds: want a list"},
		{"negative seconds", `{"op":"deduct","kind":"hd","seconds":[30,-1]}`, "seconds[1]: is -1, want a whole number from 0"},
		{"fraction of a second", `{"op":"deduct","kind":"hd","seconds":[0.5]}`, "seconds[0]: is 0.5"},
		{"null seconds", `{"op":"deduct","kind":"hd","seconds":[null]}`, "seconds[0]: is null"},
		{"seconds as text", `{"op":"deduct","kind":"hd","seconds":["30"]}`, "seconds[0]"},
		{"absurd seconds", `{"op":"deduct","kind":"hd","seconds":[60000000000000,1]}`, "seconds: sum to more than 60000000000000"},
		{"seconds out of range", `{"op":"deduct","kind":"hd","seconds":[9223372036854775808]}`, "seconds[0]"},

		// Estimates.
		{"estimate of no product", `{"op":"estimate","minutes":{"hd":1}}`, "product: is missing"},
		{"estimate of an unknown product", `{"op":"estimate","product":"fax","minutes":{"hd":1}}`, "no such product"},
		{"estimate of an unknown kind", `{"op":"estimate","product":"live","minutes":{"8k":1}}`, "no such kind of usage"},
		{"estimate without minutes", `{"op":"estimate","product":"live"}`, "minutes: is missing"},
		{"estimate for a year", `{"op":"estimate","product":"live","minutes":{"hd":1},"months":12}`, `unknown field "months"`},
		{"estimate in a currency without any price", `{"op":"estimate","product":"live","minutes":{"hd":1},"currency":"EUR"}`, "not sold for that term and currency: live in EUR"},

		// Paths.
		{"path of an unknown product", `{"op":"path","product":"fax","from":"lite"}`, "no such product"},
		{"path from an unknown version", `{"op":"path","product":"live","from":"mini"}`, "no such package version"},
		{"path from nothing", `{"op":"path","product":"live"}`, "from: is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			output, status := calculate(t, tt.line)
			var got map[string]string
			if err := json.Unmarshal([]byte(output), &got); err != nil || len(got) != 1 || status != someFailed {
				t.Fatalf("status %d: %.200s", status, output)
			}
			if !strings.Contains(got["error"], tt.says) {
				t.Errorf("error is %q, want it to say %q", got["error"], tt.says)
			}
			if len(output) > 512 {
				t.Errorf("the error is %d bytes long: %.200s", len(output), output)
			}
		})
	}
}

// named returns an upgrade between versions of the sample catalog.
func named(product, from, to string) string {
	return `{"op":"upgrade","product":"` + product + `","currency":"USD","start":"2025-06-01","months":1,"at":"2025-06-16","from":{"version":"` +
		from + `"},"to":{"version":"` + to + `"}}`
}
