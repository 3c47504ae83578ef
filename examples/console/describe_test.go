package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// eventTypes returns every event type that the SDK's source declares.
func eventTypes(t *testing.T) []subscription.EventType {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../subscription/event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []subscription.EventType
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isValue := n.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		if of, named := spec.Type.(*ast.Ident); !named || of.Name != "EventType" {
			return false
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, subscription.EventType(value))
		return false
	})
	return all
}

// Whatever happens is told in a sentence, never by the name that the SDK has for it.
func TestEveryEventIsDescribed(t *testing.T) {
	c := openConsole(t, "memory")
	all := eventTypes(t)
	if len(all) < 50 || !slices.Contains(all, subscription.EventActionNeeded) {
		t.Fatalf("found %d event types", len(all))
	}
	tell := teller{c: c}
	for _, name := range all {
		for who, text := range map[string]string{
			"console": c.describe(subscription.Event{Type: name}), "teller": tell.Describe(subscription.Event{Type: name}),
		} {
			if text == string(name) || text == "" || text[len(text)-1] != '.' {
				t.Errorf("the %s says %q of %s", who, text, name)
			}
		}
	}
}
