package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/subscription"
)

func TestMain(m *testing.M) {
	status := pgtest.Main(m)
	os.Exit(status)
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// noon is the instant of all runs: midday of 10 July 2025 in the sample catalog's zone.
func noon() time.Time { return time.Date(2025, time.July, 10, 4, 0, 0, 0, time.UTC) }

// told runs the command on a file, and returns its exit status, what it printed, and its last line on standard error.
func told(ctx context.Context, file string, args ...string) (status int, out, err string) {
	var stdout, stderr bytes.Buffer
	status = run(ctx, args, streams{strings.NewReader(file), &stdout, &stderr}, noon)
	lines := strings.SplitAfter(stderr.String(), "\n")
	return status, stdout.String(), lines[max(0, len(lines)-2)] // the last one: those before say how far it was
}

// places are the stores, each empty.
var places = map[string]func(t *testing.T) string{
	"sqlite": func(t *testing.T) string {
		t.Helper()
		return "sqlite:" + filepath.Join(t.TempDir(), "prepaid.db")
	},
	"postgres": func(t *testing.T) string {
		t.Helper()
		server := pgtest.URL(t)
		at, err := url.Parse(server)
		ok(t, err)
		name := fmt.Sprintf("import_%016x", rand.Uint64())
		execute := func(statement string) {
			c, err := pgx.Connect(context.Background(), server)
			ok(t, err)
			defer func() { _ = c.Close(context.Background()) }()
			_, err = c.Exec(context.Background(), statement)
			ok(t, err)
		}
		execute("CREATE DATABASE " + name)
		t.Cleanup(func() { execute("DROP DATABASE " + name + " WITH (FORCE)") })
		at.Path = "/" + name
		return "postgres:" + at.String()
	},
}

const header = "application,account,product,version,term,currency,anchor,paid_until,minutes,paid,auto_renew\n"

// mixed is a file with every kind of line, and refusals is what is reported of it.
const (
	mixed = header +
		"app-1,acme,call,one-to-one,1m,USD,2025-01-31,2025-07-31,40000,150.00,yes\n" +
		"app-2,acme,call,group-call,12m,USD,2024-09-01,2025-09-01,1.5,,no\n" +
		"app-1,acme,live,lite,1m,USD,2025-07-01,2025-08-01,0,,\n" +
		"app-1,acme,call,one-to-one,1m,USD,2025-01-31,2025-07-31,40000,150.00,yes\n" + // the first line again
		"app-1,acme,call,one-to-one,1m,USD,2025-01-31,2025-07-31,39999,150.00,yes\n" +
		"app-1,other,beauty-ar,lite,1m,USD,2025-07-01,2025-08-01,0,,\n" +
		"app-3,acme,fax,lite,1m,USD,2025-07-01,2025-08-01,0,,\n" +
		"app-3,acme,call,one-to-one,1m,USD,2025-05-01,2025-06-01,0,,\n" +
		"app-4,,call,one-to-one,1m,USD,2025-07-01,2025-08-01,0,,\n" +
		"app-5,acme,call,one-to-one,monthly,USD,2025-07-01,2025-08-01,0,,\n" +
		"app-5,acme,call,one-to-one,1m,USD,1 July,2025-08-01,0,,\n" +
		"app-5,acme,call,one-to-one,1m,USD,2025-07-01,,0,,\n" +
		"app-5,acme,call,one-to-one,1m,USD,2025-07-01,2025-08-01,-1,,\n" +
		"app-5,acme,call,one-to-one,1m,USD,2025-07-01,2025-08-01,0,1.999,\n" +
		"app-5,acme,call,one-to-one,1m,USD,2025-07-01,2025-08-01,0,,maybe\n" +
		"app-5,acme,call\n" +
		"app-5,\"acme,call,one-to-one,1m,USD,2025-07-01,2025-08-01,0,,\" \n" +
		"app-6,acme,call,one-to-one,30d,USD,2025-07-01,2025-08-01,0,,\n" +
		"app-3,acme,fax,lite,1m,USD,2025-07-01,2025-08-01,0,,\n" + // line 8 again
		"app-6,acme,call,one-to-one,1,USD,2025-07-01,2025-08-01,0,,\n" // a month, or a day?

	refusals = `line,application,product,code,reason
6,app-1,call,duplicate,an earlier line has another subscription of the application to the product
7,app-1,beauty-ar,account,"the application has another account: ""acme"""
8,app-3,fax,unknown_product,"pricing: no such product: ""fax"""
9,app-3,call,period_ended,subscription: period has ended: on 2025-06-01
10,app-4,call,invalid,"subscription: invalid input: account ID """" is empty"
11,app-5,call,bad_line,"term: ""monthly"", want a number of months or days such as 1m or 30d"
12,app-5,call,bad_line,"anchor: pricing: invalid date: ""1 July"": want a calendar day such as 2025-06-16"
13,app-5,call,bad_line,"paid_until: pricing: invalid date: """": want a calendar day such as 2025-06-16"
14,app-5,call,bad_line,"minutes: ""-1"", want a number of minutes"
15,app-5,call,bad_line,"paid: pricing: more digits than the currency has: ""1.999"" has 3 decimals, want at most 2"
16,app-5,call,bad_line,"auto_renew: ""maybe"", want yes or no"
17,,,bad_line,"3 fields, want 11"
18,,,bad_line,"parse error on line 18, column 61: extraneous or missing "" in quoted-field"
19,app-6,call,no_price,"pricing: not sold for that term and currency: call/one-to-one, 30 days, ""USD"""
20,app-3,fax,unknown_product,"pricing: no such product: ""fax"""
21,app-6,call,bad_line,"term: ""1"", want a number of months or days such as 1m or 30d"
`
)

// Each line that is refused is named with its line and the reason, in the order of the file, and stops no other. A dry run
// says the same and stores nothing; the second run finds everything there.
// Rule: import-counts-once.
func TestImport(t *testing.T) {
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			at := place(t)
			for _, tt := range []struct {
				what string
				args []string
				err  string
			}{
				{"dry", []string{"-dry-run"}, "import: 20 lines: 3 to import, 1 there before, 16 refused, in 0.0 s\n"},
				{"once", nil, "import: 20 lines: 3 imported, 1 there before, 16 refused, in 0.0 s\n"},
				{"dry again", []string{"-dry-run"}, "import: 20 lines: 0 to import, 4 there before, 16 refused, in 0.0 s\n"},
				{"again", nil, "import: 20 lines: 0 imported, 4 there before, 16 refused, in 0.0 s\n"},
			} {
				status, out, errs := told(t.Context(), mixed, append(tt.args, "-store", at)...)
				if diff := cmp.Diff(refusals, out); diff != "" {
					t.Errorf("%s (-want +got):\n%s", tt.what, diff)
				}
				if status != someRefused || errs != tt.err {
					t.Errorf("%s: status %d, %s", tt.what, status, errs)
				}
			}
			st, closed, err := open(t.Context(), at)
			ok(t, err)
			defer closed()
			s, err := st.Load(t.Context(), subscription.Read{Application: "app-1"}, subscription.Read{Application: "app-2"})
			ok(t, err)
			call, _ := s[0].Application.Latest("call")
			live, _ := s[0].Application.Latest("live")
			group, _ := s[1].Application.Latest("call")
			got := fmt.Sprintln(call.Cycles[0].Days, call.Cycles[0].Price, call.Cycles[0].Granted, call.AutoRenew) +
				fmt.Sprintln(live.Cycles[0].Days, live.Cycles[0].Price, live.Cycles[0].Granted, live.AutoRenew) +
				fmt.Sprintln(group.Cycles[0].Days, group.Cycles[0].Granted, group.AutoRenew)
			want := "[2025-06-30, 2025-07-31) 150.00 USD 40000 true\n" +
				"[2025-07-01, 2025-08-01) 129.00 USD 0 true\n" +
				"[2024-09-01, 2025-09-01) 1.5 false\n"
			if got != want {
				t.Errorf("imported:\n%swant:\n%s", got, want)
			}
			for e, err := range st.Events(t.Context(), "app-2") {
				ok(t, err)
				if e.By != "import" {
					t.Errorf("%s by %q", e.Type, e.By)
				}
			}
		})
	}
}

// A file that was interrupted is imported again, and everything is there once.
// Rule: import-counts-once.
func TestImportIsInterrupted(t *testing.T) {
	const lines = 2000
	var file strings.Builder
	ok(t, sample(&file, lines, noon()))
	at := places["sqlite"](t)
	ctx, cancel := context.WithCancel(t.Context())
	var errs bytes.Buffer
	half := io.MultiReader(strings.NewReader(file.String()[:file.Len()/2]), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, context.Canceled
	}))
	if status := run(ctx, []string{"-store", at}, streams{half, io.Discard, &errs}, noon); status != notFinished {
		t.Fatalf("status %d: %s", status, &errs)
	}
	if !strings.Contains(errs.String(), "not finished, import it again") {
		t.Errorf("%s", &errs)
	}
	// Half of the file has arrived, and ends within a line.
	if status, out, errs := told(t.Context(), file.String()[:file.Len()/2], "-store", at); status != someRefused || strings.Count(out, "\n") != 2 {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	status, out, last := told(t.Context(), file.String(), "-store", at)
	if status != allThere || out != "" {
		t.Errorf("status %d\n%s%s", status, out, last)
	}
	var imported, before int
	_, err := fmt.Sscanf(last, "import: 2000 lines: %d imported, %d there before", &imported, &before)
	ok(t, err)
	if imported+before != lines || before < lines/3 {
		t.Errorf("%s", last)
	}
	st, closed, err := open(t.Context(), at)
	ok(t, err)
	defer closed()
	for id, err := range st.Applications(t.Context()) {
		ok(t, err)
		n := 0
		for o, err := range st.Orders(t.Context(), id) {
			ok(t, err)
			n++
			if o.Kind != subscription.ImportOrder {
				t.Errorf("%s has a %s", id, o.Kind)
			}
		}
		if n != 1 {
			t.Errorf("%s has %d orders", id, n)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// Ten thousand lines are imported on every store, at full size. The times are in README.md.
func TestTenThousand(t *testing.T) {
	lines := testsize.Of(500, 10_000)
	var file strings.Builder
	ok(t, sample(&file, lines, noon()))
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			at := place(t)
			began := time.Now()
			status, out, errs := told(t.Context(), file.String(), "-store", at)
			t.Logf("%d lines in %s", lines, time.Since(began).Round(time.Millisecond))
			if want := fmt.Sprintf("import: %d lines: %d imported, 0 there before, 0 refused", lines, lines); status != allThere || out != "" ||
				!strings.Contains(errs, want) {
				t.Errorf("status %d\n%s%s", status, out, errs)
			}
		})
	}
}

// What isn't a file of subscriptions, a store or a catalog is an error, and so is a report that can't be written.
func TestImportFails(t *testing.T) {
	for _, tt := range []struct {
		file string
		args []string
	}{
		{"", nil}, {"application,account\n", nil}, {header[:len(header)-1] + ",colour\n", nil}, {"account," + header, nil}, {"\"a\n", nil},
		{header, []string{"-store", "tape"}}, {header, []string{"-store", "postgres:not a url"}}, {header, []string{"-catalog", "missing.json"}},
		{header, []string{"more"}}, {header, []string{"-no-such-flag"}}, {header, []string{"-store", "sqlite:" + t.TempDir()}},
	} {
		if status, out, errs := told(t.Context(), tt.file, tt.args...); status != notFinished || out != "" || errs == "" {
			t.Errorf("%q of %.40q: status %d\n%s%s", tt.args, tt.file, status, out, errs)
		}
	}
	full := writerFunc(func([]byte) (int, error) { return 0, errors.New("full") })
	if status := run(t.Context(), nil, streams{strings.NewReader(mixed), full, io.Discard}, noon); status != notFinished {
		t.Errorf("status %d though the report can't be written", status)
	}
	if status := run(t.Context(), []string{"-sample", "1"}, streams{nil, full, io.Discard}, noon); status != notFinished {
		t.Errorf("status %d though the sample can't be written", status)
	}
	if status, out, errs := told(t.Context(), "\ufeff"+header); status != allThere || out != "" || !strings.Contains(errs, "0 lines") {
		t.Errorf("an empty file: status %d\n%s%s", status, out, errs)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
