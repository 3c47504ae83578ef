package pricing_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/prepaidkit/prepaid/pricing"
)

const (
	mostUSD  = "92233720368547758.07 USD"
	leastUSD = "-92233720368547758.07 USD"
)

func TestParseMoney(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		currency pricing.Currency
		want     string // "" wants err
		err      error
	}{
		{"cents", "199.00", "USD", "199.00 USD", nil},
		{"a whole number", "597", "USD", "597.00 USD", nil},
		{"one decimal", "0.5", "USD", "0.50 USD", nil},
		{"negative", "-5", "USD", "-5.00 USD", nil},
		{"less than one, negative", "-0.05", "USD", "-0.05 USD", nil},
		{"zero", "0", "USD", "0.00 USD", nil},
		{"minus zero is zero", "-0.00", "USD", "0.00 USD", nil},
		{"leading zeros", "00000000000000000000000000007.5", "USD", "7.50 USD", nil},
		{"no decimals", "1500", "JPY", "1500 JPY", nil},
		{"three decimals", "1.234", "KWD", "1.234 KWD", nil},
		{"four decimals", "1.2345", "CLF", "1.2345 CLF", nil},
		{"the most", "92233720368547758.07", "USD", mostUSD, nil},
		{"the least", "-92233720368547758.07", "USD", leastUSD, nil},
		{"the most yen", "9223372036854775807", "JPY", "9223372036854775807 JPY", nil},

		{"a cent over the most", "92233720368547758.08", "USD", "", pricing.ErrOverflow},
		{"a cent below the least", "-92233720368547758.08", "USD", "", pricing.ErrOverflow},
		{"too many digits", "9223372036854775808", "JPY", "", pricing.ErrOverflow},
		{"whole but too many cents", "9223372036854775807", "USD", "", pricing.ErrOverflow},
		{"half a cent", "0.005", "USD", "", pricing.ErrPrecision},
		{"a trailing zero counts", "1.000", "USD", "", pricing.ErrPrecision},
		{"a decimal of yen", "1.0", "JPY", "", pricing.ErrPrecision},
		{"19 decimals", "0.0000000000000000001", "USD", "", pricing.ErrPrecision},
		{"18 decimals of a small amount", "10.000000000000000000", "USD", "", pricing.ErrPrecision},
		{"20 decimals of a small amount", "1.00000000000000000000", "USD", "", pricing.ErrPrecision},

		{"empty", "", "USD", "", pricing.ErrSyntax},
		{"minus alone", "-", "USD", "", pricing.ErrSyntax},
		{"plus", "+1", "USD", "", pricing.ErrSyntax},
		{"two minuses", "--1", "USD", "", pricing.ErrSyntax},
		{"minus inside", "1-", "USD", "", pricing.ErrSyntax},
		{"no whole part", ".5", "USD", "", pricing.ErrSyntax},
		{"no fraction", "5.", "USD", "", pricing.ErrSyntax},
		{"a point alone", ".", "USD", "", pricing.ErrSyntax},
		{"two points", "1.2.3", "USD", "", pricing.ErrSyntax},
		{"exponent", "1e2", "USD", "", pricing.ErrSyntax},
		{"hexadecimal", "0x10", "USD", "", pricing.ErrSyntax},
		{"group", "1,000", "USD", "", pricing.ErrSyntax},
		{"underscore", "1_000", "USD", "", pricing.ErrSyntax},
		{"space before", " 1", "USD", "", pricing.ErrSyntax},
		{"space after", "1 ", "USD", "", pricing.ErrSyntax},
		{"newline", "1\n", "USD", "", pricing.ErrSyntax},
		{"infinity", "Inf", "USD", "", pricing.ErrSyntax},
		{"not a number", "NaN", "USD", "", pricing.ErrSyntax},
		{"other digits", "١٢", "USD", "", pricing.ErrSyntax},
		{"NUL", "1\x00", "USD", "", pricing.ErrSyntax},
		{"many digits, then none", "99999999999999999999x", "USD", "", pricing.ErrSyntax},
		{"longer than any amount", strings.Repeat("0", 33), "USD", "", pricing.ErrSyntax},
		{"megabytes", strings.Repeat("9", 1<<20), "USD", "", pricing.ErrSyntax},
		{"no currency", "1", "", "", pricing.ErrCurrency},
		{"unknown currency", "1", "usd", "", pricing.ErrCurrency},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pricing.ParseMoney(tt.in, tt.currency)
			wrapped(t, "ParseMoney", err, tt.err)
			equal(t, "ParseMoney", got.String(), tt.want)
			if err != nil && len(err.Error()) > 200 {
				t.Errorf("the error repeats its input: %d bytes", len(err.Error()))
			}
		})
	}
}

// A decimal is converted to exactly that amount, or is refused.
// Rule: exact-amounts.
func TestNewMoney(t *testing.T) {
	text := decimal.RequireFromString
	for _, tt := range []struct {
		name     string
		in       decimal.Decimal
		currency pricing.Currency
		want     string
		err      error
	}{
		{"cents", text("199.99"), "USD", "199.99 USD", nil},
		{"zero value", decimal.Decimal{}, "USD", "0.00 USD", nil},
		{"zeros behind the point", text("1.50000000000000000000"), "USD", "1.50 USD", nil},
		{"positive exponent", decimal.New(15, 2), "JPY", "1500 JPY", nil},
		{"negative", text("-0.01"), "USD", "-0.01 USD", nil},
		{"the most", text("92233720368547758.07"), "USD", mostUSD, nil},
		{"zero with a huge exponent", decimal.New(0, math.MaxInt32), "USD", "0.00 USD", nil},
		{"zero with a tiny exponent", decimal.New(0, math.MinInt32), "USD", "0.00 USD", nil},

		{"half a cent is not rounded", text("0.005"), "USD", "", pricing.ErrPrecision},
		{"a tenth of a yen", text("0.1"), "JPY", "", pricing.ErrPrecision},
		{"19 decimals", text("0.0000000000000000001"), "USD", "", pricing.ErrPrecision},
		{"the finest exponent", decimal.New(1, math.MinInt32), "USD", "", pricing.ErrPrecision},
		{"100 decimals", decimal.New(1, -100), "USD", "", pricing.ErrPrecision},
		{"a cent over the most", text("92233720368547758.08"), "USD", "", pricing.ErrOverflow},
		{"a cent below the least", text("-92233720368547758.08"), "USD", "", pricing.ErrOverflow},
		{"10^18 dollars", decimal.New(1, 18), "USD", "", pricing.ErrOverflow},
		{"10^19 yen", decimal.New(1, 19), "JPY", "", pricing.ErrOverflow},
		{"the greatest exponent", decimal.New(1, math.MaxInt32), "USD", "", pricing.ErrOverflow},
		{"a thousand digits", text(strings.Repeat("9", 1000)), "USD", "", pricing.ErrOverflow},
		{"no currency", text("1"), "", "", pricing.ErrCurrency},
	} {
		t.Run(tt.name, func(t *testing.T) {
			coefficient, exponent := tt.in.Coefficient(), tt.in.Exponent()
			got, err := pricing.NewMoney(tt.in, tt.currency)
			wrapped(t, "NewMoney", err, tt.err)
			equal(t, "NewMoney", got.String(), tt.want)
			if tt.in.Coefficient().Cmp(coefficient) != 0 || tt.in.Exponent() != exponent {
				t.Error("NewMoney changed its argument")
			}
			if err == nil && !got.Decimal().Equal(tt.in) {
				t.Errorf("Decimal gives %s, want %s", got.Decimal(), tt.in)
			}
		})
	}
}

// Parsing limits the number of digits and the exponent. Expanded, these values would take gigabytes.
// Rule: exact-amounts.
func TestNewMoneyAllocatesLittle(t *testing.T) {
	for _, d := range []decimal.Decimal{
		decimal.New(1, math.MaxInt32), decimal.New(1, math.MinInt32), decimal.New(math.MaxInt64, 1<<20),
	} {
		if n := allocated(func() {
			_, _ = pricing.NewMoney(d, "USD")
			_, _ = pricing.NewRate(d)
		}); n > 1<<16 {
			t.Errorf("exponent %d: %d bytes allocated", d.Exponent(), n)
		}
	}
}

func TestFromMinor(t *testing.T) {
	for _, tt := range []struct {
		name     string
		minor    int64
		currency pricing.Currency
		want     string
		err      error
	}{
		{"cents", 19900, "USD", "199.00 USD", nil},
		{"yen", 19900, "JPY", "19900 JPY", nil},
		{"fils", 19900, "KWD", "19.900 KWD", nil},
		{"ten-thousandths", 19900, "CLF", "1.9900 CLF", nil},
		{"one cent back", -1, "USD", "-0.01 USD", nil},
		{"the most", math.MaxInt64, "USD", mostUSD, nil},
		{"the least", -math.MaxInt64, "USD", leastUSD, nil},
		{"without a negative", math.MinInt64, "USD", "", pricing.ErrOverflow},
		{"no currency", 1, "", "", pricing.ErrCurrency},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pricing.FromMinor(tt.minor, tt.currency)
			wrapped(t, "FromMinor", err, tt.err)
			equal(t, "FromMinor", got.String(), tt.want)
			if err == nil {
				equal(t, "Minor", got.Minor(), tt.minor)
				equal(t, "Currency", got.Currency(), tt.currency)
			}
		})
	}
}

func TestMoneyArithmetic(t *testing.T) {
	for _, tt := range []struct {
		name, m, n    string
		add, sub      string // "" wants the error
		cmp           int
		addErr, subEr error
	}{
		{"dollars", "199.00 USD", "597.00 USD", "796.00 USD", "-398.00 USD", -1, nil, nil},
		{"equal", "1 JPY", "1 JPY", "2 JPY", "0 JPY", 0, nil, nil},
		{"a negative", "1.00 USD", "-3.00 USD", "-2.00 USD", "4.00 USD", 1, nil, nil},
		{"the range upwards", mostUSD, "0.01 USD", "", "92233720368547758.06 USD", 1, pricing.ErrOverflow, nil},
		{"the range downwards", leastUSD, "0.01 USD", "-92233720368547758.06 USD", "", -1, nil, pricing.ErrOverflow},
		{"twice the most", mostUSD, mostUSD, "", "0.00 USD", 0, pricing.ErrOverflow, nil},
		{"twice the least", leastUSD, leastUSD, "", "0.00 USD", 0, pricing.ErrOverflow, nil},
		{"from end to end", mostUSD, leastUSD, "0.00 USD", "", 1, nil, pricing.ErrOverflow},
		{"neither has a currency", "", "", "", "", 0, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, n := money(t, tt.m), money(t, tt.n)
			sum, err := m.Add(n)
			wrapped(t, "Add", err, tt.addErr)
			equal(t, "Add", sum.String(), tt.add)
			difference, err := m.Sub(n)
			wrapped(t, "Sub", err, tt.subEr)
			equal(t, "Sub", difference.String(), tt.sub)
			c, err := m.Cmp(n)
			wrapped(t, "Cmp", err, nil)
			equal(t, "Cmp", c, tt.cmp)
		})
	}
}

// Mixing currencies is an error.
// Rule: no-mixed-currencies.
func TestMoneyCurrencyMismatch(t *testing.T) {
	m, n := money(t, "5.00 USD"), money(t, "7 JPY")
	const want = "pricing: amounts of different currencies: 5.00 USD and 7 JPY"
	_, addErr := m.Add(n)
	_, subErr := m.Sub(n)
	_, cmpErr := m.Cmp(n)
	for name, err := range map[string]error{"Add": addErr, "Sub": subErr, "Cmp": cmpErr} {
		wrapped(t, name, err, pricing.ErrCurrencyMismatch)
		if err != nil {
			equal(t, name, err.Error(), want)
		}
	}
	// No amount isn't the same as zero dollars.
	if _, err := m.Add(pricing.Money{}); err == nil {
		t.Error("the zero Money was added to dollars")
	}
}

func TestMoneyMul(t *testing.T) {
	for _, tt := range []struct {
		name, m string
		n       int64
		want    string
		err     error
	}{
		{"three cycles", "199.00 USD", 3, "597.00 USD", nil},
		{"none", "199.00 USD", 0, "0.00 USD", nil},
		{"minus one", mostUSD, -1, leastUSD, nil},
		{"zero often", "0 JPY", math.MinInt64, "0 JPY", nil},
		{"too often", mostUSD, 2, "", pricing.ErrOverflow},
		{"a product that wraps to a plausible one", "4294967296 JPY", 4294967297, "", pricing.ErrOverflow},
		{"the least int64", "1 JPY", math.MinInt64, "", pricing.ErrOverflow},
		{"and of minus one", "-1 JPY", math.MinInt64, "", pricing.ErrOverflow},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := money(t, tt.m).Mul(tt.n)
			wrapped(t, "Mul", err, tt.err)
			equal(t, "Mul", got.String(), tt.want)
		})
	}
}

func TestMoneySign(t *testing.T) {
	for text, want := range map[string]int{"-0.01 USD": -1, "0.00 USD": 0, "": 0, "0.01 USD": 1} {
		equal(t, text, money(t, text).Sign(), want)
	}
	if !money(t, "").IsZero() || money(t, "0.00 USD").IsZero() {
		t.Error("the zero value must not be an amount, and zero dollars must be one")
	}
}

// An amount of zero is an amount: == distinguishes it from no amount, and from zero of another currency.
func TestMoneyIsComparable(t *testing.T) {
	zero := money(t, "0.00 USD")
	if zero == (pricing.Money{}) || zero == money(t, "0 JPY") || zero != money(t, "-0 USD") {
		t.Error("== does not compare amounts")
	}
}

// Money has its own text and JSON encodings.
func TestMoneyText(t *testing.T) {
	type order struct {
		Amount pricing.Money `json:"amount"`
		Refund pricing.Money `json:"refund,omitzero"`
	}
	const text = `{"amount":"597.00 USD"}`
	b, err := json.Marshal(order{Amount: money(t, "597 USD")})
	wrapped(t, "Marshal", err, nil)
	equal(t, "Marshal", string(b), text)
	var got order
	wrapped(t, "Unmarshal", json.Unmarshal([]byte(text), &got), nil)
	equal(t, "Unmarshal", got, order{Amount: money(t, "597 USD")})

	equal(t, "Amount", money(t, "-7.5 USD").Amount(), "-7.50")
	appended, _ := money(t, "7 JPY").AppendText([]byte("price "))
	equal(t, "AppendText", string(appended), "price 7 JPY")
	none, _ := pricing.Money{}.MarshalText()
	equal(t, "MarshalText of no amount", string(none), "")
}

func TestMoneyUnmarshalText(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		err      error
	}{
		{"currency missing", "199.00", pricing.ErrSyntax},
		{"currency first", "USD 199.00", pricing.ErrCurrency},
		{"amount missing", " USD", pricing.ErrSyntax},
		{"two spaces", "1  USD", pricing.ErrCurrency},
		{"trailing space", "1 USD ", pricing.ErrCurrency},
		{"precision", "1.001 USD", pricing.ErrPrecision},
		{"overflow", "99999999999999999999 USD", pricing.ErrOverflow},
		{"megabytes", strings.Repeat("1", 1<<20), pricing.ErrSyntax},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := money(t, "5.00 USD")
			wrapped(t, "UnmarshalText", got.UnmarshalText([]byte(tt.in)), tt.err)
			equal(t, "left as it was", got, money(t, "5.00 USD"))
		})
	}
	// A JSON number is not money: it would have been a float somewhere.
	var m pricing.Money
	if err := json.Unmarshal([]byte(`597.00`), &m); err == nil {
		t.Error("a JSON number was read as money")
	}
}

// Amounts and rates can be compared with go-cmp without options.
func TestEqual(t *testing.T) {
	a, b := money(t, "1.00 USD"), money(t, "1.01 USD")
	if !cmp.Equal(a, a) || cmp.Equal(a, b) {
		t.Error("money: cmp.Equal is not ==")
	}
	r, err := a.Rate()
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(r, r) || cmp.Equal(r, pricing.Rate{}) {
		t.Error("rate: cmp.Equal is not ==")
	}
}
