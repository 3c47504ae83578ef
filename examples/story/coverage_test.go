package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
)

// notBuilt are steps of the format that this version of the SDK doesn't have: each is answered with unknown_step. A step that
// is built moves from here into a table of ops.go or command.go.
var notBuilt = map[string][]string{}

// untold are codes that no story can have, with the reason.
var untold = map[string][]string{
	"a catalog is parsed before it is in force": {
		"zero_price", "invalid_ratio", "unknown_rounding", "unknown_day_count", "precision", "negative", "unknown_zone",
	},
	"there is one process, and its store is at its service": {"conflict", "refused_by_store", "invariant", "internal"},
	"there is no hook that refuses":                         {"not_eligible"},
	"nobody else uses the provider's keys":                  {"gateway_key_conflict", "payment_invalid"},
	"what is malformed is a bad step":                       {"syntax", "invalid_date", "out_of_range"},
	"no command takes a term or an instant alone":           {"invalid_term", "outside_period"},
	"it takes hundreds of orders, see subscription's tests": {"too_large"},
	"it takes a defect, see TestStuck":                      {"stuck"},
}

// told is what stories use.
type told map[string]bool

// step notes a step: its op, what it shows, and what the provider is told to answer.
func (u told) step(t *testing.T, text string) {
	t.Helper()
	var s struct {
		Op, What, Answer, Status, Refund string
		On                               any // also whether auto-renewal is
		Silent                           bool
		Of                               struct{ Op string }
	}
	if json.Unmarshal([]byte(text), &s) != nil {
		return // bad steps are told, too
	}
	u["op "+s.Op] = true
	u["what "+s.What] = true
	u["quote of "+s.Of.Op] = true
	if s.Op == "gateway" {
		on, given := s.On.(string)
		if !given {
			on = string(onCharge)
		}
		u["answer "+on+" "+s.Answer] = true
	}
	if s.Op == "settle" {
		what := "settle "
		if s.Refund != "" {
			what = "settle a refund "
		}
		u[what+s.Status] = true
		u["silent"] = u["silent"] || s.Silent
	}
	if s.Op == "reverse" {
		u["reverse "+s.Status] = true
	}
}

// codes notes the codes in an answer that is wanted.
func (u told) codes(v any) {
	switch v := v.(type) {
	case map[string]any:
		if code, ok := v["code"].(string); ok {
			u["code "+code] = true
		}
		for _, member := range v {
			u.codes(member)
		}
	case []any:
		for _, element := range v {
			u.codes(element)
		}
	}
}

// everything returns all that stories have to use.
func everything(t *testing.T) []string {
	t.Helper()
	var all []string
	for name := range ops() {
		all = append(all, "op "+name)
	}
	for name := range questions() {
		all = append(all, "what "+name)
	}
	for answer, calls := range answers() {
		for _, on := range calls {
			all = append(all, "answer "+string(on)+" "+string(answer))
		}
	}
	for _, status := range []payment.Status{payment.Succeeded, payment.Declined, payment.Pending} {
		all = append(all, "settle "+string(status), "settle a refund "+string(status))
	}
	for _, status := range []payment.ReversalStatus{payment.Reversed, payment.Reinstated, payment.GivenBack} {
		all = append(all, "reverse "+string(status))
	}
	for _, code := range sdkCodes(t) {
		all = append(all, "code "+code)
	}
	for _, own := range []string{"bad_step", "unknown_step", "unknown_name", "stuck", "catalog", "policy", "not_renewable", "internal"} {
		all = append(all, "code "+own)
	}
	return append(all, "silent")
}

// sdkCodes returns the codes that the documentation of subscription.CodeOf lists.
func sdkCodes(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "subscription", "code.go"))
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, m := range regexp.MustCompile(`(?m)^//\t([a-z_]+) +(?:\w+\.)?Err\w+ `).FindAllStringSubmatch(string(text), -1) {
		codes = append(codes, m[1])
	}
	if len(codes) < 40 {
		t.Fatalf("only %d codes", len(codes))
	}
	return codes
}

// TestEverythingIsTold pins that the stories use every op, every question, every answer of the provider and every code that is
// built, but for the codes that no story can have.
func TestEverythingIsTold(t *testing.T) {
	used := told{}
	for _, name := range stories(t) {
		for text := range strings.Lines(read(t, name+".jsonl")) {
			used.step(t, text)
		}
		for text := range strings.Lines(read(t, name+".want.jsonl")) {
			var v any
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			used.codes(v)
		}
	}
	cannot := told{}
	for _, codes := range untold {
		for _, code := range codes {
			cannot["code "+code] = true
		}
	}
	for _, w := range everything(t) {
		switch {
		case !used[w] && !cannot[w]:
			t.Errorf("no story has %s", w)
		case used[w] && cannot[w]:
			t.Errorf("a story has %s, which none should be able to have", w)
		}
	}
}

// TestNotBuilt pins that what the SDK doesn't have yet is an unknown step in its place, and that the table says so.
func TestNotBuilt(t *testing.T) {
	steps := []string{`{"op":"create","at":"2026-03-01T10:00:00Z","account":"acme"}`}
	for _, op := range notBuilt["op"] {
		if _, ok := ops()[op]; ok {
			t.Errorf("%s is built", op)
		}
		steps = append(steps, `{"op":"`+op+`","by":"ada","order":"$nobody"}`)
	}
	for _, what := range notBuilt["what"] {
		if _, ok := questions()[what]; ok {
			t.Errorf("showing %s is built", what)
		}
		steps = append(steps, `{"op":"show","what":"`+what+`"}`)
	}
	answers, _ := tell(t, strings.Join(steps, "\n"))
	for i, answer := range answers[1:] {
		if d := differs(`{"code":"unknown_step"}`, answer); d != "" {
			t.Errorf("%s: %s", steps[i+1], d)
		}
	}
}

// TestNamesOfStories pins that every story has the name of a rule, with what it shows of it after a dot.
func TestNamesOfStories(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "rules.md"))
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^### ([a-z0-9-]+)$`).FindAllStringSubmatch(string(text), -1) {
		rules[m[1]] = true
	}
	shown := map[string]bool{}
	for _, name := range stories(t) {
		rule, _, _ := strings.Cut(name, ".")
		if shown[rule] = true; !rules[rule] {
			t.Errorf("%s is no rule of docs/rules.md", rule)
		}
	}
	t.Logf("%d rules: %s", len(shown), strings.Join(slices.Sorted(maps.Keys(shown)), ", "))
}
