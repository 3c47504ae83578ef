package subscription_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Each error of this package, pricing and payment has its own code, and the table in the code equals the documented
// one.
func TestEveryErrorHasACode(t *testing.T) {
	source, err := os.ReadFile("code.go")
	if err != nil {
		t.Fatal(err)
	}
	inCode, documented, codes := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\t\{((?:pricing\.|payment\.)?Err\w+), "(\w+)"\},$`).FindAllStringSubmatch(string(source), -1) {
		if inCode[m[1]] != "" || codes[m[2]] && m[2] != "offer" { // unknown, or not available
			t.Errorf("%s or %q is listed twice", m[1], m[2])
		}
		inCode[m[1]], codes[m[2]] = m[2], true
	}
	for _, m := range regexp.MustCompile(`(?m)^//\t(\w+) +((?:pricing\.|payment\.)?Err\w+) +\S.*$`).FindAllStringSubmatch(string(source), -1) {
		documented[m[2]] = m[1]
	}
	for _, dir := range []string{".", "../pricing", "../payment"} {
		for _, name := range exportedErrors(t, dir) {
			if dir != "." {
				name = filepath.Base(dir) + "." + name
			}
			if inCode[name] == "" || documented[name] != inCode[name] {
				t.Errorf("%s has the code %q and is documented with %q", name, inCode[name], documented[name])
			}
			delete(inCode, name)
		}
	}
	if len(inCode) > 0 {
		t.Errorf("codes of errors that don't exist: %v", inCode)
	}
}

// exportedErrors returns the names of a package's variables that begin with Err.
func exportedErrors(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				for _, n := range s.(*ast.ValueSpec).Names {
					if strings.HasPrefix(n.Name, "Err") {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

// ownCodeError is an error of another package that has its own code.
type ownCodeError struct{}

func (ownCodeError) Error() string           { return "its own" }
func (ownCodeError) Code() subscription.Code { return "own" }

func TestCodeOf(t *testing.T) {
	order := func(s subscription.OrderStatus) error { return subscription.Order{ID: "k-1", Status: s}.Err() }
	for _, tt := range []struct {
		err  error
		want subscription.Code
	}{
		{nil, ""},
		{errors.New("the network"), subscription.Internal},
		{context.DeadlineExceeded, subscription.Internal},
		{order(subscription.OrderPaid), ""},
		{order(subscription.OrderOpen), "payment_pending"},
		{order(subscription.OrderDeclined), "declined"},
		{order(subscription.OrderReview), "review"},
		{order(subscription.OrderUnreconciled), "review"},
		{order(subscription.OrderRefundDue), "refunded"},
		{order(subscription.OrderRefunded), "refunded"},
		{order(subscription.OrderCanceling), "canceled"},
		{order(subscription.OrderCanceled), "canceled"},
		{fmt.Errorf("wrapped: %w", &subscription.ExhaustedError{Product: "call"}), "exhausted"},
		{&subscription.ConflictError{}, "conflict"},
		{&subscription.RefusedError{Changes: []subscription.Refusal{{Err: subscription.ErrTooLarge}}}, "too_large"},
		{fmt.Errorf("%w: %w", subscription.ErrInvalid, pricing.ErrTerm), "invalid_term"},
		{fmt.Errorf("%w: %w", subscription.ErrQuoteStale, subscription.ErrInvalid), "quote_stale"},
		{fmt.Errorf("wrapped: %w", ownCodeError{}), "own"},
		{fmt.Errorf("wrapped: %w", &pricing.CatalogError{}), "catalog"},
	} {
		if got := subscription.CodeOf(tt.err); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}

// An order that isn't paid yields one error, which says what happened to it and matches exactly one condition.
func TestOrderErrorMatchesItsConditionAlone(t *testing.T) {
	check(t, "of a paid order", subscription.Order{ID: "k-1", Status: subscription.OrderPaid}.Err(), nil)
	conditions := []error{
		subscription.ErrPaymentPending, subscription.ErrDeclined, subscription.ErrReview, subscription.ErrRefunded, subscription.ErrCanceled,
	}
	for status, want := range map[subscription.OrderStatus]int{
		"": 0, subscription.OrderOpen: 0, subscription.OrderDeclined: 1, subscription.OrderReview: 2, subscription.OrderUnreconciled: 2,
		subscription.OrderRefundDue: 3, subscription.OrderRefunded: 3, subscription.OrderCanceling: 4, subscription.OrderCanceled: 4,
	} {
		o := subscription.Order{ID: "k-1", Status: status, Reason: payment.InsufficientBalance, Note: "why"}
		err := fmt.Errorf("wrapped: %w", o.Err())
		for i, c := range conditions {
			if errors.Is(err, c) != (i == want) {
				t.Errorf("%s matches %v: %t", status, c, errors.Is(err, c))
			}
		}
		of, ok := errors.AsType[*subscription.OrderError](err)
		check(t, "is one", ok, true)
		check(t, "order", *of, subscription.OrderError{Order: "k-1", Status: status, Reason: o.Reason, Note: "why"})
	}
}

// The JSON of a usage result contains the code of its error, and the minutes as before.
func TestUsageResultTellsItsCode(t *testing.T) {
	for want, r := range map[string]subscription.UsageResult{
		`{"id":"a","counted":true,"deducted":2}`:                        {ID: "a", Counted: true, Deducted: subscription.Minutes(2)},
		`{"id":"b","counted":false,"code":"too_late"}`:                  {ID: "b", Err: subscription.ErrTooLate},
		`{"id":"c","counted":false,"code":"exhausted"}`:                 {ID: "c", Err: &subscription.ExhaustedError{}},
		`{"id":"d","counted":false,"duplicate":true}`:                   {ID: "d", Duplicate: true},
		`{"id":"e","counted":false,"code":"unknown_kind"}`:              {ID: "e", Err: pricing.ErrUnknownKind},
		`{"id":"f","counted":false,"excess":1.5,"code":"credit_limit"}`: {ID: "f", Excess: 1500, Err: subscription.ErrCreditLimit},
		`{"id":"g","counted":true,"deducted":36,"forgiven":24}`: {
			ID: "g", Counted: true, Deducted: subscription.Minutes(36), Forgiven: subscription.Minutes(24),
		},
		`{"id":"h","counted":true,"deducted":-36,"excess":-0.5,"forgiven":-24}`: {
			ID: "h", Counted: true, Deducted: subscription.Minutes(-36), Excess: -500, Forgiven: subscription.Minutes(-24),
		},
	} {
		b, err := json.Marshal(r)
		check(t, "error", err, nil)
		check(t, r.ID, string(b), want)
	}
}
