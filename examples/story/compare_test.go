package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// differs says how an answer differs from what is wanted of it, "" for not at all. What is wanted has to be there: members
// with these values, lists with as many elements, in that order. Zero may be absent. Other members are not looked at, but
// for a code: an error that isn't wanted is a difference. "//" is a comment.
func differs(want, got string) string {
	var w, g any
	for text, v := range map[*string]*any{&want: &w, &got: &g} {
		dec := json.NewDecoder(strings.NewReader(*text))
		dec.UseNumber()
		if err := dec.Decode(v); err != nil {
			return fmt.Sprintf("%s: %v", *text, err)
		}
	}
	return difference("", w, g)
}

func difference(path string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok && !zero(want) {
			return fmt.Sprintf("%s: got %v, want %v", path, got, want)
		}
		if code, failed := g["code"]; failed && w["code"] == nil {
			return fmt.Sprintf("%s: got the error %v: %v", path, code, g["error"])
		}
		for _, name := range slices.Sorted(maps.Keys(w)) {
			if name == "//" {
				continue
			}
			if d := difference(path+"."+name, w[name], g[name]); d != "" {
				return d
			}
		}
		return ""
	case []any:
		g, _ := got.([]any)
		if len(w) != len(g) {
			return fmt.Sprintf("%s: got %d elements, want %d", path, len(g), len(w))
		}
		for i := range w {
			if d := difference(fmt.Sprintf("%s[%d]", path, i), w[i], g[i]); d != "" {
				return d
			}
		}
		return ""
	}
	if got == nil && zero(want) || got != nil && same(want, got) {
		return ""
	}
	return fmt.Sprintf("%s: got %v, want %v", path, got, want)
}

// same compares two values that have no members; instants may be written in different zones.
func same(want, got any) bool {
	if want == got {
		return true
	}
	w, isText := want.(string)
	g, alike := got.(string)
	if !isText || !alike {
		return false
	}
	wt, err := time.Parse(time.RFC3339Nano, w)
	if err != nil {
		return false
	}
	gt, err := time.Parse(time.RFC3339Nano, g)
	return err == nil && wt.Equal(gt)
}

// zero reports whether a value may be absent.
func zero(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case json.Number:
		return v == "0"
	case []any:
		return len(v) == 0
	case map[string]any:
		for name, member := range v {
			if name != "//" && !zero(member) {
				return false
			}
		}
		return true
	}
	return false
}

// TestComparisonFails shows that a wrong figure, a missing one, one too many in a list, another order and an error that isn't
// wanted are found.
func TestComparisonFails(t *testing.T) {
	const got = `{"order":{"amount":"205.42 USD","lines":[{"amount":"205.42 USD"}],"delivered":{"increment":103225}},"at":"2026-03-16T02:00:00Z"}`
	for _, tt := range []struct {
		name, want, got, says string
	}{
		{"the same", got, got, ""},
		{"a part", `{"//":"half up","order":{"amount":"205.42 USD"}}`, got, ""},
		{"another zone", `{"at":"2026-03-16T10:00:00+08:00"}`, got, ""},
		{"zero is absent", `{"order":{"reason":"","refunded":0,"present":false,"taxes":[]}}`, got, ""},
		{"a cent", `{"order":{"amount":"205.41 USD"}}`, got, ".order.amount: got 205.42 USD, want 205.41 USD"},
		{"a minute", `{"order":{"delivered":{"increment":103226}}}`, got, ".order.delivered.increment: got 103225, want 103226"},
		{"an instant", `{"at":"2026-03-16T10:00:00Z"}`, got, ".at"},
		{"a member is missing", `{"order":{"reason":"suspected"}}`, got, ".order.reason: got <nil>"},
		{"zero is another number", `{"order":{"delivered":{"increment":0}}}`, got, "want 0"},
		{"an element less", `{"order":{"lines":[]}}`, got, ".order.lines: got 1 elements, want 0"},
		{"an element more", `{"order":{"lines":[{},{}]}}`, got, "want 2"},
		{"another order", `{"l":[{"a":1},{"a":2}]}`, `{"l":[{"a":2},{"a":1}]}`, ".l[0].a"},
		{"no object", `{"order":{"amount":"1.00 USD"}}`, `{"order":1}`, ".order"},
		{"an error", `{}`, `{"error":"no","code":"invalid"}`, "got the error invalid"},
		{"an error inside", `{"records":[{}]}`, `{"records":[{"code":"arrears"}]}`, "got the error arrears"},
		{"another error", `{"code":"exists"}`, `{"error":"no","code":"invalid"}`, ".code"},
		{"no error", `{"code":"exists"}`, `{}`, ".code: got <nil>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := differs(tt.want, tt.got); (d == "") != (tt.says == "") || !strings.Contains(d, tt.says) {
				t.Errorf("says %q, want %q", d, tt.says)
			}
		})
	}
}
