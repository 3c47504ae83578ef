package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/internal/lines"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// rows returns all rows that a store has of the stories' application, without what differs from run to run.
func rows(t *testing.T, at string) []string {
	t.Helper()
	answers, _ := tell(t, `{"op":"show","at":"2020-01-01T00:00:00Z","what":"orders"}
		{"op":"show","what":"entries"}
		{"op":"show","what":"events"}`, "-store", at)
	return answers
}

// TestTwice pins that a story that is told again on the same database does nothing twice: no order, no entry of the ledger, no
// event more. What waited for the provider goes on, and a command that was refused stored nothing, and may be right now; the
// stories of such are not here. A small run tells a third of the others.
func TestTwice(t *testing.T) {
	t.Parallel()
	for i, name := range stories(t) {
		steps := read(t, name+".jsonl")
		if i%testsize.Of(3, 1) > 0 || strings.Contains(steps, `"answer":`) || strings.Contains(steps, "reset_clock") ||
			name == "interrupted-then-expired" || name == "reversed-bill-stops-the-service" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := file(t)
			tell(t, steps, "-store", at)
			once := rows(t, at)
			tell(t, steps, "-store", at)
			if diff := cmp.Diff(once, rows(t, at)); diff != "" {
				t.Errorf("-once +twice:\n%s", diff)
			}
		})
	}
}

// TestSecondFile pins that another file goes on with the same database, with a clock, balances and names of its own.
func TestSecondFile(t *testing.T) {
	for _, p := range places[1:] {
		t.Run(p.name, func(t *testing.T) {
			at := p.at(t)
			_, status := tell(t, `{"op":"deposit","at":"2026-03-01T10:00:00+08:00","account":"acme","amount":"199.00 USD"}
				{"op":"create","account":"acme"}
				{"op":"purchase","product":"call","version":"one-to-one","term":{"months":1},"currency":"USD","agreement":"2025-06","as":"buy"}
				{"op":"until","at":"2026-03-02T00:00:00+08:00"}`, "-store", at)
			if status != allDone {
				t.Errorf("status %d", status)
			}
			got, _ := tell(t, `{"op":"until","at":"2026-04-01T00:00:00+08:00"}
				{"op":"show","what":"subscription","product":"call"}
				{"op":"show","what":"balance","account":"acme"}
				{"op":"give_back","order":"$buy"}
				{"op":"show","what":"orders","as":"last"}
				{"op":"give_back","order":"$last"}`, "-store", at)
			want := []string{
				`{"rounds":4,"paid":1}`,
				`{"subscription":{"status":"active","paid_until":"2026-05-01T00:00:00+08:00"}}`,
				`{"//":"by card","balance":"","collected":"199.00 USD","charges":1}`,
				`{"code":"unknown_name"}`,
				`{"orders":[{"kind":"purchase"},{"kind":"renewal"}],"count":2}`,
				`{"code":"not_refundable"}`,
			}
			for i := range want {
				if d := differs(want[i], got[i]); d != "" {
					t.Errorf("step %d: %s", i+1, d)
				}
			}
		})
	}
}

// lossy is a store that keeps no change.
type lossy struct{ store.Store }

func (lossy) Commit(context.Context, ...subscription.Change) error { return nil }

// TestStuck pins that a worker that doesn't get on is an error after so many rounds, and that it isn't asked forever.
func TestStuck(t *testing.T) {
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(memory.New(), cat)
	if err != nil {
		t.Fatal(err)
	}
	if answer, bad := w.answer(t.Context(), []byte(`{"op":"create","at":"2026-03-01T10:00:00Z","account":"acme"}`), 1, nil); bad {
		t.Fatal(answer)
	}
	w.store = lossy{w.store}
	answer, _ := w.answer(t.Context(), []byte(`{"op":"until","at":"2026-03-02T10:00:00Z"}`), 2, nil)
	if got := string(encode(answer)); differs(`{"code":"stuck"}`, got) != "" {
		t.Error(got)
	}
	if w.clock.Day() != 1 {
		t.Errorf("the clock is at %s", w.clock)
	}
}

// TestGoOn pins that a bad line is answered in its place, that the others are answered all the same, and that empty lines are
// skipped, and counted.
func TestGoOn(t *testing.T) {
	const first, good = `{"op":"until","at":"2026-03-01T10:00:00Z"}`, `{"op":"show","what":"balance","account":"acme"}`
	input := first + "\n{\n\n\r\n" + good + "\r\n \n" + strings.Repeat("x", lines.Max+1) + "\n" +
		`{"op":"consume","records":[{}]}` + "\n" + `{"op":"create","account":"acme"}` + "\n" + `{"op":"consume","records":[{}]}`
	got, status := tell(t, input)
	if status != someFailed {
		t.Errorf("status is %d, want %d", status, someFailed)
	}
	want := []string{
		`{"rounds":0}`, `{"code":"bad_step"}`, `{"collected":"0.00 USD"}`, `{"code":"bad_step"}`,
		`{"error":"the line is longer than 1048576 bytes","code":"bad_step"}`, `{"code":"not_found"}`, `{}`,
		`{"records":[{"id":"use-2026-03-01T10:00:00Z-10-0","code":"unknown_kind"}]}`,
	}
	if len(got) != len(want) {
		t.Fatalf("%d answers: %q", len(got), got)
	}
	for i := range want {
		if d := differs(want[i], got[i]); d != "" {
			t.Errorf("answer %d: %s: %s", i, d, got[i])
		}
	}
}

// TestBadSteps pins what a step is refused for.
func TestBadSteps(t *testing.T) {
	for _, tt := range []struct{ name, step, says string }{
		{"not JSON", `{"op":`, "not JSON"},
		{"not an object", `["op"]`, "want an object"},
		{"null", `null`, "want an object"},
		{"two objects", `{"op":"show"} {}`, "not JSON"},
		{"not UTF-8", "{\"op\":\"show\xff\"}", "UTF-8"},
		{"no op", `{}`, "op is missing"},
		{"op is null", `{"op":null}`, "op is missing"},
		{"op is a number", `{"op":1}`, "op: is 1, want a string"},
		{"unknown field", `{"op":"deposit","account":"a","amount":"1.00 USD","colour":1}`, `unknown field "colour"`},
		{"other case", `{"op":"create","Account":"a"}`, `unknown field "Account"`},
		{"unknown field that is null", `{"op":"create","acount":null}`, `unknown field "acount"`},
		{"repeated", `{"op":"create","account":"a","account":"b"}`, `"account" appears twice`},
		{"repeated inside", `{"op":"purchase","term":{"months":1,"months":2}}`, `term: field "months" appears twice`},
		{"unknown inside", `{"op":"purchase","term":{"weeks":1}}`, `term: unknown field "weeks"`},
		{"unknown in a list", `{"op":"consume","records":[{},{"minutes":1}]}`, `records[1]: unknown field "minutes"`},
		{"of another op", `{"op":"create","account":"a","product":"call"}`, `unknown field "product"`},
		{"not a list", `{"op":"consume","records":{}}`, "records: is {}, want a list"},
		{"null in a list", `{"op":"consume","records":[null]}`, "records[0]: want an object"},
		{"not a bool", `{"op":"auto_renew","product":"call","on":"yes"}`, "want true or false"},
		{"not whole", `{"op":"renew","product":"call","cycles":1.5}`, "want a whole number"},
		{"an instant without a zone", `{"op":"create","at":"2026-03-01T10:00:00"}`, "at: "},
		{"an instant before year 1", `{"op":"create","at":"0000-12-31T00:00:00Z"}`, "want an instant in the years"},
		{"an instant after year 9999", `{"op":"create","at":"9999-12-31T23:00:00-02:00"}`, "want an instant in the years"},
		{"an amount without a currency", `{"op":"deposit","account":"a","amount":"1.00"}`, "amount: "},
		{"an amount as a number", `{"op":"deposit","account":"a","amount":1}`, "amount: "},
		{"too many digits", `{"op":"deposit","account":"a","amount":"1.000 USD"}`, "amount: "},
		{"negative", `{"op":"deposit","account":"a","amount":"-1.00 USD"}`, "negative"},
		{"no amount", `{"op":"deposit","account":"a"}`, "amount is missing"},
		{"no answer", `{"op":"gateway"}`, "answer is missing"},
		{"another answer", `{"op":"gateway","answer":"maybe"}`, "is none of"},
		{"a look-up is not found", `{"op":"gateway","answer":"not_found"}`, "on:"},
		{"no calls", `{"op":"gateway","answer":"normal","calls":0}`, "want a number from 1"},
		{"some calls", `{"op":"gateway","answer":"normal","calls":"some"}`, "want a number from 1"},
		{"no such status", `{"op":"settle","order":"o","status":"not_found"}`, "status:"},
		{"nothing to settle", `{"op":"settle","status":"succeeded"}`, "want either"},
		{"two to settle", `{"op":"settle","order":"o","refund":"r","status":"succeeded"}`, "want either"},
		{"an action of a final one", `{"op":"settle","order":"o","status":"succeeded","action":{"kind":"k","value":"v"}}`, "action: only"},
		{"an action of a refund", `{"op":"settle","refund":"r","status":"pending","action":{"kind":"k","value":"v"}}`, "action: only"},
		{"an action without a value", `{"op":"settle","order":"o","status":"pending","action":{"kind":"k"}}`, "without a value"},
		{"an action of a decline", `{"op":"gateway","answer":"decline","action":{"kind":"k","value":"v"}}`, "action: only"},
		{"an action of a refund's call", `{"op":"gateway","on":"refund","answer":"pending","action":{"kind":"k","value":"v"}}`, "action: only"},
		{"an action without a kind", `{"op":"gateway","answer":"pending","action":{"value":"v"}}`, "without a kind"},
		{"another field of an action", `{"op":"gateway","answer":"pending","action":{"url":"v"}}`, `action: unknown field "url"`},
		{"no reversal's status", `{"op":"reverse","order":"o"}`, "status is missing"},
		{"an amount to refund", `{"op":"refund","order":"o","amount":"1.001 USD"}`, "amount: "},
		{"taxes to refund", `{"op":"refund","order":"o","tax":{"VAT":"1.00 USD"}}`, "tax: is"},
		{"no catalog", `{"op":"catalog"}`, "want either"},
		{"two catalogs", `{"op":"catalog","file":"x","catalog":{}}`, "want either"},
		{"hours", `{"op":"policy","attempts_hours":["-24"]}`, "at most three decimals"},
		{"parts of hours", `{"op":"policy","attempts_hours":[0.0001]}`, "at most three decimals"},
		{"many hours", `{"op":"policy","attempts_hours":[-99999]}`, "more than a year"},
		{"nothing to wait for", `{"op":"until"}`, "at is missing"},
		{"until with a field", `{"op":"until","at":"2027-01-01T00:00:00Z","app":"a","worker":1}`, "unknown field"},
		{"nothing to show", `{"op":"show"}`, "what is missing"},
		{"of no command", `{"op":"quote","of":{"op":"create","acount":"a"}}`, `unknown field "acount"`},
		{"of nothing", `{"op":"quote","of":1}`, "of: want an object"},
		{"quote of nothing", `{"op":"quote"}`, "of is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := tell(t, `{"op":"create","at":"2026-03-01T10:00:00Z","account":"acme"}`+"\n"+tt.step)
			if d := differs(`{"code":"bad_step"}`, got[1]); d != "" || !strings.Contains(strings.ReplaceAll(got[1], `\"`, `"`), tt.says) {
				t.Errorf("got %s, want %s", got[1], tt.says)
			}
		})
	}
}

// TestNoStart pins what ends the command before it runs a step.
func TestNoStart(t *testing.T) {
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"unknown flag", []string{"-nope"}, noStart, "-nope"},
		{"argument", []string{"case.jsonl"}, noStart, "standard input"},
		{"no such catalog", []string{"-catalog", "none.json"}, noStart, "none.json"},
		{"not a catalog", []string{"-catalog", "go.mod"}, noStart, "problem"},
		{"no such store", []string{"-store", "oracle:x"}, noStart, "want memory"},
		{"a file without a name", []string{"-store", "sqlite:"}, noStart, "want memory"},
		{"no database", []string{"-store", "sqlite:go.mod"}, noStart, "story:"},
		{"no server", []string{"-store", "postgres:postgres://127.0.0.1:1/x?connect_timeout=1"}, noStart, "story:"},
		{"no URL", []string{"-store", "postgres:pg://"}, noStart, "story:"},
		{"help", []string{"-h"}, allDone, "-store STORE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), tt.args, strings.NewReader(`{"op":"until","at":"2026-03-01T10:00:00Z"}`), &stdout, &stderr)
			if status != tt.status || stdout.Len() > 0 || !strings.Contains(stderr.String(), tt.says) {
				t.Errorf("status %d, output %q, error %q", status, &stdout, &stderr)
			}
		})
	}
}

// TestAnswersAtOnce pins that an answer is written before the next step is waited for, and that input which breaks is told.
func TestAnswersAtOnce(t *testing.T) {
	asked := 0
	var stdout, stderr bytes.Buffer
	in := readerFunc(func(p []byte) (int, error) {
		if got := strings.Count(stdout.String(), "\n"); got != asked {
			t.Errorf("%d answers to %d steps", got, asked)
		}
		if asked == 3 {
			return 0, errors.New("the line was cut")
		}
		asked++
		return copy(p, `{"op":"until","at":"2026-03-01T10:00:00Z"}`+"\n"), nil
	})
	if status := run(t.Context(), nil, in, &stdout, &stderr); status != someFailed || !strings.Contains(stderr.String(), "the line was cut") {
		t.Errorf("status %d, %q on standard error", status, &stderr)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestBrokenOutput pins that an answer that can't be written is a failure, and that the store is closed all the same.
func TestBrokenOutput(t *testing.T) {
	var stderr bytes.Buffer
	status := run(t.Context(), []string{"-store", file(t)},
		strings.NewReader(`{"op":"until","at":"2026-03-01T10:00:00Z"}`), brokenWriter{}, &stderr)
	if status != someFailed || !strings.Contains(stderr.String(), "disk full") {
		t.Errorf("status %d, error %q", status, &stderr)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }
