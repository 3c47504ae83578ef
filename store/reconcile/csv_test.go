package reconcile_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
)

// read returns the lines of a file and the error that ended it.
func read(file io.Reader) (lines []reconcile.Line, end error) {
	for l, err := range reconcile.ReadCSV(file) {
		if err != nil {
			return lines, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// A file is read exactly: amounts with the decimals of their currency, instants with their offset, columns in any order
// beside others that are ignored.
// Rule: statement-file-is-exact.
func TestReadCSV(t *testing.T) {
	const file = "\ufefffee,at,kind,currency,amount,key,reference,id\r\n" +
		"0.30,2026-03-10T18:00:00+08:00,charge,USD,199.00,s/a/k-1,ch_1,\r\n" +
		",2026-03-10T10:00:00.5Z,charge,JPY,30000,s/a/k-2,\"a \"\"b\"\", c\",\n" +
		"\n" +
		"\"two\nlines\",,reversal,KWD,1.234,s/a/k-1,,dp_1\n" +
		",,refund,USD,0.1,s/a/k-1/refund,,"
	at := time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)
	want := []reconcile.Line{
		{Kind: reconcile.Charge, Key: "s/a/k-1", Amount: testworld.Money(t, "199.00 USD"), At: at, Reference: "ch_1"},
		{Kind: reconcile.Charge, Key: "s/a/k-2", Amount: testworld.Money(t, "30000 JPY"), At: at.Add(time.Second / 2), Reference: `a "b", c`},
		{Kind: reconcile.Reversal, Key: "s/a/k-1", ID: "dp_1", Amount: testworld.Money(t, "1.234 KWD")},
		{Kind: reconcile.Refund, Key: "s/a/k-1/refund", Amount: testworld.Money(t, "0.10 USD")},
	}
	for name, file := range map[string]io.Reader{
		"at once": strings.NewReader(file), "by bytes": iotest.OneByteReader(strings.NewReader(file)),
		"data with the end": iotest.DataErrReader(strings.NewReader(file)),
	} {
		got, err := read(file)
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b pricing.Money) bool { return a == b })); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// What can't be read is refused with the number of its line, and what stands before it is yielded.
// Rule: statement-file-is-exact.
func TestReadCSVRefuses(t *testing.T) {
	const head, good = "kind,key,currency,amount,at\n", "charge,s/a/k-1,USD,1.00,\n"
	long := strings.Repeat("x", reconcile.MaxRecord)
	for name, tt := range map[string]struct {
		file string
		line int
		want error // nil: another
	}{
		"nothing":                     {"", 1, nil},
		"no column of amounts":        {"kind,key,currency,at\n", 1, nil},
		"two columns of amounts":      {"kind,key,currency,amount,amount\n", 1, nil},
		"a header in capitals":        {"KIND,KEY,CURRENCY,AMOUNT\n", 1, nil},
		"too few fields":              {head + good + "charge,k\n", 3, nil},
		"too many fields":             {head + good + "charge,s/a/k-1,USD,1.00,,\n", 3, nil},
		"a quote":                     {head + good + "charge,s/a/k\"-1,USD,1.00,\n", 3, nil},
		"an open quote":               {head + good + "charge,\"s/a/k-1,USD,1.00,\n", 3, nil},
		"a third decimal":             {head + good + "charge,s/a/k-1,USD,1.001,\n", 3, pricing.ErrPrecision},
		"decimals of yen":             {head + good + "charge,s/a/k-1,JPY,1.0,\n", 3, pricing.ErrPrecision},
		"an exponent":                 {head + good + "charge,s/a/k-1,USD,1e2,\n", 3, pricing.ErrSyntax},
		"a group of digits":           {head + good + "charge,s/a/k-1,USD,\"1,000.00\",\n", 3, pricing.ErrSyntax},
		"a currency that isn't one":   {head + good + "charge,s/a/k-1,XXX,1.00,\n", 3, pricing.ErrCurrency},
		"a currency in small letters": {head + good + "charge,s/a/k-1,usd,1.00,\n", 3, pricing.ErrCurrency},
		"a negative amount":           {head + good + "charge,s/a/k-1,USD,-1.00,\n", 3, nil},
		"nothing collected":           {head + good + "charge,s/a/k-1,USD,0.00,\n", 3, nil},
		"an instant without offset":   {head + good + "charge,s/a/k-1,USD,1.00,2026-03-01T10:00:00\n", 3, pricing.ErrSyntax},
		"a day":                       {head + good + "charge,s/a/k-1,USD,1.00,2026-03-01\n", 3, pricing.ErrSyntax},
		"another kind":                {head + good + "fee,s/a/k-1,USD,1.00,\n", 3, nil},
		"text that isn't UTF-8":       {head + good + "charge,\xff,USD,1.00,\n", 3, nil},
		"after an empty line":         {head + good + "\n\nfee,s/a/k-1,USD,1.00,\n", 5, nil},
		"after a field of two lines":  {head[:len(head)-1] + ",\"x\ny\"\n" + good[:len(good)-1] + ",\nfee,s/a/k-1,USD,1.00,,\n", 4, nil},
		"a long record":               {head + good + "charge," + long + "\n", 3, nil},
		"a long record of lines":      {head + good + "charge,\"" + strings.Repeat("x\n", 10+len(long)/2) + "\"\n", 32767, nil},
		"a long header":               {long + long, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := read(strings.NewReader(tt.file))
			wrong := new(reconcile.LineError)
			if !errors.As(err, &wrong) || wrong.Line != tt.line || !errors.Is(err, subscription.ErrInvalid) {
				t.Fatalf("%v, want line %d", err, tt.line)
			}
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if subscription.CodeOf(err) != "statement" || len(err.Error()) > 500 {
				t.Errorf("code %s, text of %d bytes", subscription.CodeOf(err), len(err.Error()))
			}
			if want := min(1, tt.line-2); tt.line > 2 && len(lines) != want {
				t.Errorf("%d lines before it", len(lines))
			}
		})
	}
	if _, err := read(nil); !errors.Is(err, subscription.ErrInvalid) {
		t.Error(err)
	}
	broken := io.MultiReader(strings.NewReader(head+good), iotest.ErrReader(errNoAnswer))
	if lines, err := read(broken); !errors.Is(err, errNoAnswer) || len(lines) != 1 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	cut := io.MultiReader(strings.NewReader(head+good+"charge,s/a"), iotest.ErrReader(errNoAnswer))
	if lines, err := read(cut); !errors.Is(err, errNoAnswer) || len(lines) != 1 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

// A record may be as long as is allowed, and no longer.
// Rule: statement-file-is-exact.
func TestRecordOfAnyLength(t *testing.T) {
	for _, tt := range []struct {
		length int
		reads  bool
	}{{reconcile.MaxRecord, true}, {reconcile.MaxRecord + 1, false}} {
		record := "charge,s/a/k-1,USD,1.00,"
		record += strings.Repeat("x", tt.length-len(record)-1) + "\n"
		lines, err := read(strings.NewReader("kind,key,currency,amount,other\n" + record + "charge,s/a/k-2,USD,1.00,\n"))
		if (err == nil) != tt.reads || tt.reads && len(lines) != 2 {
			t.Errorf("%d bytes: %d lines, %v", tt.length, len(lines), err)
		}
	}
}

// No file makes the reader panic, and what is read is valid and reads the same again.
// Rule: statement-file-is-exact.
func FuzzReadCSV(f *testing.F) {
	f.Add("kind,key,currency,amount,at,id,reference\ncharge,s/a/k-1,USD,199.00,2026-03-10T10:00:00Z,,ch_1\n")
	f.Add("kind,key,currency,amount\nrefund,s/a/k-1/refund,JPY,3\n\"")
	f.Fuzz(func(t *testing.T, file string) {
		lines, err := read(strings.NewReader(file))
		again := "kind,key,currency,amount,at,id,reference\n"
		quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
		for _, l := range lines {
			if err := l.Validate(); err != nil {
				t.Fatal(err)
			}
			at := ""
			if !l.At.IsZero() {
				at = l.At.Format(time.RFC3339Nano)
			}
			again += fmt.Sprintf("%s,%s,%s,%s,%s,%s,%s\n", l.Kind, quote(l.Key), l.Amount.Currency(), l.Amount.Amount(), at, quote(l.ID),
				quote(l.Reference))
		}
		wrong := new(reconcile.LineError)
		if err != nil && !errors.As(err, &wrong) {
			t.Fatal(err)
		}
		same, err := read(strings.NewReader(again))
		if diff := cmp.Diff(lines, same, cmp.Comparer(func(a, b pricing.Money) bool { return a == b })); diff != "" || err != nil {
			t.Errorf("%v (-read +again):\n%s", err, diff)
		}
	})
}
