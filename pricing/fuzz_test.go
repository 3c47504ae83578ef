package pricing_test

import (
	"cmp"
	"errors"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/prepaidkit/prepaid/pricing"
)

// The fuzz targets choose elements of these by index.
var (
	currencies = []pricing.Currency{"USD", "JPY", "KWD", "CLF", "EUR", "ISK", ""}
	modes      = []pricing.Rounding{pricing.HalfUp, pricing.HalfEven, pricing.Down, pricing.Up, ""}
	zones      = []string{
		"UTC", "Asia/Shanghai", "America/New_York", "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns",
		"America/Sao_Paulo", "America/Havana", "America/Goose_Bay", "Asia/Beirut", "Africa/Cairo", "Asia/Tehran", "America/Asuncion", "Asia/Gaza",
		"Pacific/Apia", "Kwajalein", "Pacific/Kiritimati", "Asia/Manila", "America/Sitka", "Africa/Casablanca", "Africa/Monrovia", "Europe/Dublin",
		"Antarctica/Troll", "Antarctica/Casey", "America/Caracas", "Asia/Pyongyang", "Pacific/Guam", "Etc/GMT+12", "Etc/GMT-14",
	}
)

func pick[T any](list []T, n uint8) T { return list[int(n)%len(list)] }

// rounded is the oracle of the rounding modes: it rounds a non-negative number independently.
func rounded(v *big.Rat, mode pricing.Rounding) *big.Int {
	double := new(big.Int).Lsh(v.Num(), 1)
	switch mode {
	case pricing.Down:
		return new(big.Int).Div(v.Num(), v.Denom())
	case pricing.Up:
		n := new(big.Int).Add(v.Num(), v.Denom())
		return n.Div(n.Sub(n, big.NewInt(1)), v.Denom())
	case pricing.HalfEven:
		n, rest := new(big.Int).DivMod(v.Num(), v.Denom(), new(big.Int))
		twice := rest.Lsh(rest, 1).Cmp(v.Denom())
		if twice > 0 || twice == 0 && n.Bit(0) == 1 {
			n.Add(n, big.NewInt(1))
		}
		return n
	}
	n := double.Add(double, v.Denom()) // ⌊v + 1/2⌋ = ⌊(2 num + den) / 2 den⌋
	return n.Div(n, new(big.Int).Lsh(v.Denom(), 1))
}

func minorUnits(c pricing.Currency) *big.Rat {
	digits, _ := c.Digits()
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
}

func fits(v *big.Int) bool {
	return new(big.Int).Abs(v).Cmp(big.NewInt(math.MaxInt64)) <= 0
}

var plainDecimal = regexp.MustCompile(`^-?\d+(\.\d+)?$`)

// Text is accepted if and only if it is a plain decimal that the currency can represent. It is parsed as exactly that
// amount, and the output can be parsed again.
func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{
		"199.00", "-5", "0.5", "1e9", "", ".", "9223372036854775807", "92233720368547758.08", "0.0000000000000000001", "00000000000000000000000000000001",
	} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(1))
	}
	f.Fuzz(func(t *testing.T, text string, c uint8) {
		currency := pick(currencies, c)
		m, err := pricing.ParseMoney(text, currency)
		digits, unknown := currency.Digits()
		valid := unknown == nil && len(text) <= 32 && plainDecimal.MatchString(text)
		if valid {
			_, fraction, _ := strings.Cut(text, ".")
			want, _ := new(big.Rat).SetString(text)
			want.Mul(want, minorUnits(currency))
			if valid = len(fraction) <= digits && fits(want.Num()); valid && (err != nil || want.Cmp(new(big.Rat).SetInt64(m.Minor())) != 0) {
				t.Fatalf("%q %s is %s minor units, not %d (%v)", text, currency, want, m.Minor(), err)
			}
		}
		if !valid {
			if err == nil {
				t.Fatalf("%q %s was read as %s", text, currency, m)
			}
			return
		}
		var again pricing.Money
		b, _ := m.MarshalText()
		if err := again.UnmarshalText(b); err != nil || again != m {
			t.Fatalf("%s was read again as %s (%v)", m, again, err)
		}
		if again, err = pricing.NewMoney(m.Decimal(), currency); err != nil || again != m {
			t.Fatalf("%s is %s by way of a decimal (%v)", m, again, err)
		}
	})
}

// Money has only one text form, and parsing that form gives the same amount.
func FuzzMoneyUnmarshalText(f *testing.F) {
	for _, s := range []string{"199.00 USD", "-5 JPY", "0.5 KWD", "", " ", "USD", "1 usd", "1  USD", "0.00 USD ", "1e3 USD"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var m, again pricing.Money
		if err := m.UnmarshalText(text); err != nil {
			if !m.IsZero() {
				t.Fatalf("%q left %s behind", text, m)
			}
			return
		}
		b, _ := m.MarshalText()
		if err := again.UnmarshalText(b); err != nil || again != m {
			t.Fatalf("%q was read as %s, and that as %s (%v)", text, m, again, err)
		}
	})
}

// Every decimal of the decimal library is converted exactly or refused, and never expanded to digits.
func FuzzNewMoney(f *testing.F) {
	f.Add([]byte{0x4d, 0xbc}, false, int32(-2), uint8(0))
	f.Add([]byte{1}, false, int32(math.MaxInt32), uint8(0))
	f.Add([]byte{1}, true, int32(math.MinInt32), uint8(1))
	f.Add(slices.Repeat([]byte{0xff}, 1000), false, int32(-2500), uint8(2))
	f.Add(new(big.Int).Exp(big.NewInt(10), big.NewInt(76), nil).Bytes(), false, int32(-78), uint8(0))
	f.Add([]byte{}, false, int32(math.MinInt32), uint8(3))
	f.Fuzz(func(t *testing.T, coefficient []byte, negative bool, exponent int32, c uint8) {
		value := new(big.Int).SetBytes(coefficient)
		if negative {
			value.Neg(value)
		}
		d, currency := decimal.NewFromBigInt(value, exponent), pick(currencies, c)
		var m pricing.Money
		var r pricing.Rate
		var moneyErr, rateErr error
		if n := allocated(func() {
			m, moneyErr = pricing.NewMoney(d, currency)
			r, rateErr = pricing.NewRate(d)
		}); n > 1<<20+16*uint64(len(coefficient)) {
			t.Fatalf("%d bytes allocated for a coefficient of %d and the exponent %d", n, len(coefficient), exponent)
		}
		if moneyErr == nil && !m.Decimal().Equal(d) {
			t.Fatalf("%s became %s", d, m)
		}
		if rateErr == nil && !r.Decimal().Equal(d) {
			t.Fatalf("%s became the rate %s", d, r)
		}
		if _, err := currency.Digits(); err != nil || value.BitLen() > 256 || exponent < -96 || exponent > 18 {
			return
		}
		// Small enough to expand: it must be accepted if it fits.
		minor := new(big.Rat).SetInt(value)
		power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exponent, -exponent))), nil))
		if exponent < 0 {
			power.Inv(power)
		}
		minor.Mul(minor.Mul(minor, power), minorUnits(currency))
		var want error
		switch {
		case !minor.IsInt():
			want = pricing.ErrPrecision
			if errors.Is(moneyErr, pricing.ErrOverflow) && !fits(new(big.Int).Quo(minor.Num(), minor.Denom())) {
				want = pricing.ErrOverflow // both errors apply
			}
		case !fits(minor.Num()):
			want = pricing.ErrOverflow
		}
		if !errors.Is(moneyErr, want) {
			t.Fatalf("%s × 10^%d %s: error %v, want %v", value, exponent, currency, moneyErr, want)
		}
	})
}

// Parts sum to the amount. Each is within one minor unit of its exact share and has the amount's sign.
func FuzzAllocate(f *testing.F) {
	f.Add(int64(100), int64(1), int64(1), int64(1), int64(0))
	f.Add(int64(-100), int64(1), int64(2), int64(0), int64(4))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(0), int64(0), int64(0))
	f.Add(int64(math.MinInt64), int64(-1), int64(0), int64(0), int64(0))
	f.Add(int64(7), int64(math.MaxInt64/2), int64(math.MaxInt64/2), int64(1), int64(0))
	f.Fuzz(func(t *testing.T, minor, a, b, c, d int64) {
		m, err := pricing.FromMinor(minor, "USD")
		if err != nil {
			return
		}
		weights, sum := []int64{a, b, c, d}, new(big.Int)
		for _, w := range weights {
			sum.Add(sum, big.NewInt(w))
		}
		parts, err := m.Allocate(weights...)
		if valid := min(a, b, c, d) >= 0 && sum.Sign() > 0; valid != (err == nil) {
			t.Fatalf("%d by %d: error %v", minor, weights, err)
		} else if !valid {
			return
		}
		left := minor
		for i, p := range parts {
			left -= p.Minor()
			if p.Sign()*m.Sign() < 0 {
				t.Fatalf("%s by %d: %s", m, weights, parts)
			}
			exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(minor), big.NewInt(weights[i])), sum)
			off := exact.Sub(exact, new(big.Rat).SetInt64(p.Minor()))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("%s by %d: %s is off by %s", m, weights, p, off)
			}
		}
		if left != 0 {
			t.Fatalf("%s by %d: %s", m, weights, parts)
		}
	})
}

// A total is the exact sum, rounded once, in every mode. Its lines sum to it, by the largest remainder.
func FuzzTotal(f *testing.F) {
	f.Add(int64(399), uint8(2), int64(0), uint8(0), int64(60), int64(1000), int64(1599), uint8(2), int64(240), int64(1000), int64(99), int64(60), uint8(0), uint8(0))
	f.Add(int64(597), uint8(0), int64(199), uint8(0), int64(16), int64(31), int64(1), uint8(9), int64(1), int64(3), int64(5), int64(7), uint8(1), uint8(1))
	f.Add(int64(math.MaxInt64), uint8(9), int64(math.MaxInt64), uint8(0), int64(math.MaxInt64), int64(math.MaxInt64), int64(1), uint8(0), int64(1), int64(1), int64(1), int64(1), uint8(2), uint8(2))
	f.Add(int64(5), uint8(3), int64(0), uint8(0), int64(1), int64(1), int64(5), uint8(3), int64(1), int64(1), int64(5), int64(1), uint8(3), uint8(0))
	f.Fuzz(func(t *testing.T, unit1 int64, scale1 uint8, credit1 int64, creditScale1 uint8, num1, den1, unit2 int64, scale2 uint8, num2, den2, unit3, num3 int64, mode, c uint8) {
		rounding, currency := pick(modes, mode), pick(currencies, c)
		fuzzRate := func(coefficient int64, scale uint8) pricing.Rate {
			r, err := pricing.NewRate(decimal.New(coefficient, -int32(scale%10)))
			if err != nil {
				t.Skip()
			}
			return r
		}
		lines := []pricing.Line{
			{Unit: fuzzRate(unit1, scale1), Credit: fuzzRate(credit1, creditScale1), Times: pricing.Ratio{Num: num1, Den: den1}},
			{Unit: fuzzRate(unit2, scale2), Times: pricing.Ratio{Num: num2, Den: den2}},
			{Unit: fuzzRate(unit3, scale2), Credit: fuzzRate(unit2, scale1), Times: pricing.Ratio{Num: num3, Den: den1}},
			{Unit: fuzzRate(unit3, 0), Times: pricing.Ratio{Num: num1, Den: den2}},
			{Unit: fuzzRate(unit1, scale2), Times: pricing.Ratio{Num: num3, Den: den2}},
		}
		if valid := currency != "" && min(num1, num2, num3) >= 0 && min(den1, den2) > 0; !valid {
			if p, err := pricing.Total(currency, rounding, lines); err == nil {
				t.Fatalf("%v add up to %s", lines, p.Amount)
			}
			return
		}
		checkTotal(t, lines, currency, rounding)
	})
}

// No file makes ParseCatalog panic. A catalog that it accepts is complete and consistent.
func FuzzParseCatalog(f *testing.F) {
	for _, s := range []string{
		sampleCatalog, smallCatalog, "", "{}", "[]", "null", `{"products":[{}]}`, `{"products":[{"versions":[{"terms":[{"list":{"":null}}],"offers":[{}]}]}]}`,
		strings.Repeat("[", 20), `{"a":1,"a":1}`, "\xff", strings.Replace(smallCatalog, "10.00", "1e1", 1),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := pricing.ParseCatalog(strings.NewReader(string(data)))
		if err != nil {
			refused, ok := errors.AsType[*pricing.CatalogError](err)
			if !ok || len(refused.Problems) == 0 || c != nil {
				t.Fatalf("ParseCatalog returned %v, %v", c, err)
			}
			for _, p := range refused.Problems {
				if p.Path == "" || p.Message == "" {
					t.Fatalf("problem %q: %q", p.Path, p.Message)
				}
			}
			return
		}
		for _, p := range c.Products() {
			versions := c.Versions(p.ID)
			if len(versions) == 0 || !slices.IsSortedFunc(versions, func(a, b pricing.Version) int { return cmp.Compare(a.Rank, b.Rank) }) {
				t.Fatalf("%s: versions %v", p.ID, versions)
			}
			for i, v := range versions {
				if got, err := c.Version(p.ID, v.ID); err != nil || got != v {
					t.Fatalf("%s/%s: %v, %v", p.ID, v.ID, got, err)
				}
				terms := c.Terms(p.ID, v.ID)
				if len(terms) == 0 {
					t.Fatalf("%s/%s: no terms", p.ID, v.ID)
				}
				for _, term := range terms {
					if err := term.Validate(); err != nil {
						t.Fatalf("%s/%s: %v", p.ID, v.ID, err)
					}
				}
				if path := c.UpgradePath(p.ID, v.ID); len(path) >= len(versions)-i || len(path) > 0 && (!p.Upgradable || path[0].Rank <= v.Rank) {
					t.Fatalf("%s/%s: path %v", p.ID, v.ID, path)
				}
			}
		}
	})
}

// Properties of upgrades. The ratio is in (0, 1] while the period is valid. The price is the exact value rounded once
// in every mode, never negative, never above the full difference, and never increases with time. Several steps on one
// day cost the same as the direct upgrade, within a minor unit and a minute each. Lines sum to the amount.
func FuzzPriceUpgrade(f *testing.F) {
	f.Add(int64(19900), int64(39700), int64(59700), int64(100_000), int64(200_000), int64(300_000), int32(20250), uint8(1), uint32(1_300_000), uint32(86_400), false, uint8(0), uint8(0), uint8(0), uint8(2))
	f.Add(int64(0), int64(1), int64(2), int64(0), int64(1), int64(2), int32(17_839), uint8(1), uint32(0), uint32(1), true, uint8(7), uint8(1), uint8(1), uint8(0))
	f.Add(int64(math.MaxInt64), int64(0), int64(math.MaxInt64), int64(math.MaxInt64), int64(0), int64(math.MaxInt64), int32(-1), uint8(120), uint32(math.MaxUint32), uint32(0), false, uint8(15), uint8(2), uint8(2), uint8(1))
	f.Add(int64(-104), int64(20), int64(math.MaxInt64-123), int64(1), int64(2), int64(3), int32(20_250), uint8(1), uint32(1_300), uint32(86_400), true, uint8(0), uint8(0), uint8(0), uint8(1))
	f.Add(int64(1), int64(3), int64(4), int64(5), int64(6), int64(7), int32(15_338), uint8(1), uint32(2_678_399), uint32(1), false, uint8(15), uint8(3), uint8(3), uint8(0))
	f.Fuzz(func(t *testing.T, cost1, cost2, cost3, minutes1, minutes2, minutes3 int64, anchor int32, months uint8, after, later uint32, elapsed bool, zoneIndex, mode, c, future uint8) {
		currency := pick(currencies[:6], c)
		at := func(minor, minutes int64) pricing.Package {
			m, err := pricing.FromMinor(max(minor, 0), currency)
			if err != nil {
				t.Fatal(err)
			}
			return pricing.Package{Price: m, Minutes: max(minutes, 0)}
		}
		low, middle, high := at(cost1, minutes1), at(cost2, minutes2), at(cost3, minutes3)
		z, err := pricing.LoadZone(pick(zones, zoneIndex))
		if err != nil {
			t.Fatal(err)
		}
		p, err := pricing.Anchor{Date: pricing.Date(anchor % 100_000), Term: pricing.Months(1 + int(months)%120)}.Period(0, z)
		if err != nil {
			t.Fatal(err)
		}
		length := uint32(p.End.Sub(p.Start) / time.Second)
		first := after % length
		second := first + later%(length-first)
		u := pricing.Upgrade{
			Item: "fuzz", Period: p, At: p.Start.Add(time.Duration(first) * time.Second), Zone: z, Rounding: pick(modes, mode), From: low, To: high,
		}
		if elapsed {
			u.DayCount = pricing.Elapsed
		}
		for range future % 4 {
			u.Future = append(u.Future, middle)
		}
		got, err := pricing.PriceUpgrade(u)
		if err != nil {
			full := new(big.Int).Add(big.NewInt(max(0, high.Price.Minor()-low.Price.Minor())),
				new(big.Int).Mul(big.NewInt(int64(len(u.Future))), big.NewInt(max(0, high.Price.Minor()-middle.Price.Minor()))))
			if !errors.Is(err, pricing.ErrOverflow) || fits(full) {
				t.Fatalf("%+v: %v", u, err)
			}
			return
		}
		checkUpgrade(t, u, got)

		u.At = p.Start.Add(time.Duration(second) * time.Second)
		after2, err := pricing.PriceUpgrade(u)
		if err != nil {
			t.Fatalf("%+v: %v", u, err)
		}
		if after2.Amount.Minor() > got.Amount.Minor() || after2.Minutes > got.Minutes || after2.Remaining.Cmp(got.Remaining) > 0 {
			t.Fatalf("%s and %d minutes became %s and %d", got.Amount, got.Minutes, after2.Amount, after2.Minutes)
		}

		if low.Price.Minor() > middle.Price.Minor() || middle.Price.Minor() > high.Price.Minor() || low.Minutes > middle.Minutes || middle.Minutes > high.Minutes {
			return
		}
		u.Future = nil
		direct, err1 := pricing.PriceUpgrade(u)
		u.To = middle
		step1, err2 := pricing.PriceUpgrade(u)
		u.From, u.To = middle, high
		step2, err3 := pricing.PriceUpgrade(u)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		if off := step1.Amount.Minor() + step2.Amount.Minor() - direct.Amount.Minor(); off < -2 || off > 2 {
			t.Fatalf("%s and %s in steps, %s directly", step1.Amount, step2.Amount, direct.Amount)
		}
		if lost := direct.Minutes - step1.Minutes - step2.Minutes; lost < 0 || lost > 2 {
			t.Fatalf("%d and %d minutes in steps, %d directly", step1.Minutes, step2.Minutes, direct.Minutes)
		}
	})
}

// checkUpgrade compares with big.Rat in every mode, and with the decimal library where it has the mode.
func checkUpgrade(t *testing.T, u pricing.Upgrade, got pricing.UpgradePrice) {
	t.Helper()
	r := got.Remaining
	if r.Num <= 0 || r.Num > r.Den {
		t.Fatalf("%s at %s: remaining %s", u.Period, u.At, r)
	}
	full := new(big.Rat).SetInt64(max(0, u.To.Price.Minor()-u.From.Price.Minor()))
	exact := new(big.Rat).Mul(full, big.NewRat(r.Num, r.Den))
	for i, f := range u.Future {
		difference := new(big.Rat).SetInt64(max(0, u.To.Price.Minor()-f.Price.Minor()))
		exact.Add(exact, difference)
		full.Add(full, difference)
		if want := max(0, u.To.Minutes-f.Minutes); got.FutureMinutes[i] != want {
			t.Fatalf("cycle %d grants %d minutes, want %d", i, got.FutureMinutes[i], want)
		}
	}
	amount := got.Amount.Minor()
	if want := rounded(exact, u.Rounding); !want.IsInt64() || want.Int64() != amount || amount < 0 || full.Cmp(new(big.Rat).SetInt64(amount)) < 0 {
		t.Fatalf("%s minor units rounded %q is %s of %s, want %s", exact, u.Rounding, got.Amount, full, want)
	}
	minutes := new(big.Rat).Mul(new(big.Rat).SetInt64(max(0, u.To.Minutes-u.From.Minutes)), big.NewRat(r.Num, r.Den))
	if want := rounded(minutes, pricing.Down); want.Int64() != got.Minutes {
		t.Fatalf("%s minutes became %d", minutes, got.Minutes)
	}
	sum := int64(0)
	for _, l := range got.Lines {
		sum += l.Amount.Minor()
	}
	if sum != amount {
		t.Fatalf("the lines sum to %d, not %d", sum, amount)
	}
	if (u.Rounding == pricing.HalfUp || u.Rounding == "") && len(u.Future) == 0 && u.To.Price.Minor() >= u.From.Price.Minor() {
		digits, _ := got.Amount.Currency().Digits()
		want := u.To.Price.Decimal().Sub(u.From.Price.Decimal()).Mul(decimal.NewFromInt(r.Num)).DivRound(decimal.NewFromInt(r.Den), int32(digits))
		if !got.Amount.Decimal().Equal(want) {
			t.Fatalf("%s, and %s by the decimal library", got.Amount, want)
		}
	}
}

// The calendar of any zone. Days have no gaps or overlaps and never go back; periods are consecutive and begin on the
// clamped day of the anchor; Index is the inverse of Period.
func FuzzCalendar(f *testing.F) {
	for i := range zones {
		f.Add(uint8(i), int64(1_541_300_400), uint32(3600), int32(17_839), uint8(1), uint16(0), uint16(10))
		f.Add(uint8(i), int64(1_325_239_200), uint32(1), int32(15_338), uint8(0), uint16(1), uint16(1))
		f.Add(uint8(i), int64(-3_225_000_000), uint32(90_000), int32(-40_000), uint8(12), uint16(0), uint16(300))
		f.Add(uint8(i), int64(1_289_100_630), uint32(3600), int32(14_000), uint8(0), uint16(7), uint16(140))
	}
	f.Fuzz(func(t *testing.T, zoneIndex uint8, seconds int64, step uint32, anchor int32, months uint8, days, number uint16) {
		name := pick(zones, zoneIndex)
		z, err := pricing.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		checkDay(t, z, name, seconds%200_000_000_000, step)

		term := pricing.Months(1 + int(months)%120)
		if days > 0 {
			term = pricing.Days(1 + int(days)%3660)
		}
		a, n := pricing.Anchor{Date: pricing.Date(anchor % 700_000), Term: term}, int(number)
		p, err := a.Period(n, z)
		next, nextErr := a.Period(n+1, z)
		if err != nil || nextErr != nil {
			if err = errors.Join(err, nextErr); !errors.Is(err, pricing.ErrDate) {
				t.Fatal(err)
			}
			return
		}
		if !p.End.Equal(next.Start) || p.End.Before(p.Start) {
			t.Fatalf("%v: %s is followed by %s", a, p, next)
		}
		recorded, err := a.Days(n)
		if want := (pricing.DayRange{First: laterDay(a, n), Until: laterDay(a, n+1)}); err != nil || recorded != want {
			t.Fatalf("%v: the days of period %d are %s (%v), want %s", a, n, recorded, err, want)
		}
		if !p.Start.Equal(z.StartOf(recorded.First)) {
			t.Fatalf("%v: period %d begins at %s, want %s", a, n, p.Start, recorded.First)
		}
		if p.Start.Equal(p.End) {
			return // a day that the zone skipped
		}
		for _, at := range []time.Time{p.Start, p.End.Add(-1)} {
			if i, err := a.Index(at, z); err != nil || i != n {
				t.Fatalf("%v: %s is in period %d (%v), want %d", a, at, i, err, n)
			}
		}
		total, err := p.Days(z)
		r, ratioErr := pricing.CalendarDays.Remaining(p, pricing.DayRange{}, p.End.Add(-1), z)
		if err != nil || ratioErr != nil || r != (pricing.Ratio{Num: 1, Den: int64(total)}) {
			t.Fatalf("%s has %d days, and %s remain at its end (%v, %v)", p, total, r, err, ratioErr)
		}
		for _, d := range []pricing.Date{recorded.First, recorded.Until - 1} {
			if z.StartOf(d).Equal(z.StartOf(d + 1)) {
				return // a day of it that the zone skipped: recorded, and without an instant
			}
		}
		// As long as the zone's rules are unchanged, recorded days make no difference.
		same, ratioErr := pricing.CalendarDays.Remaining(p, recorded, p.End.Add(-1), z)
		if ratioErr != nil || same != r || recorded.Count() != total {
			t.Fatalf("%s has %d days, and the recorded ones are %s; %s remain at its end, and %s (%v)", p, total, recorded, r, same, ratioErr)
		}
	})
}

func checkDay(t *testing.T, z pricing.Zone, name string, seconds int64, step uint32) {
	t.Helper()
	at := time.Unix(seconds, 0)
	d := z.DateOf(at)
	if z.StartOf(d).After(at) || !at.Before(z.StartOf(d+1)) {
		t.Fatalf("%s is on %s, from %s to %s", at, d, z.StartOf(d), z.StartOf(d+1))
	}
	if later := at.Add(time.Duration(step) * time.Second); z.DateOf(later) < d {
		t.Fatalf("%s is on %s, and %s on %s", at, d, later, z.DateOf(later))
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	wall := at.In(loc)
	if changed, _ := wall.ZoneBounds(); !changed.IsZero() && at.Sub(changed) < 30*time.Hour {
		return
	}
	// Far from a clock change, the day is the wall clock's.
	if year, month, date := wall.Date(); year >= 1 && year <= 9999 {
		if want, err := pricing.NewDate(year, month, date); err != nil || d != want {
			t.Fatalf("%s is on %s, want %s (%v)", wall, d, want, err)
		}
	}
}

// laterDay is the oracle of an anchor: it counts months one by one.
func laterDay(a pricing.Anchor, n int) pricing.Date {
	if a.Term.Days > 0 {
		return a.Date + pricing.Date(n*a.Term.Days)
	}
	var year, month, date int
	for i, part := range strings.Split(a.Date.String(), "-") {
		for _, digit := range part {
			*[]*int{&year, &month, &date}[i] *= 10
			*[]*int{&year, &month, &date}[i] += int(digit - '0')
		}
	}
	for range n * a.Term.Months {
		month++
		if month > 12 {
			year, month = year+1, 1
		}
	}
	for ; ; date-- {
		if d, err := pricing.NewDate(year, time.Month(month), date); err == nil {
			return d
		}
	}
}
