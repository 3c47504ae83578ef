package storetest_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/suite"
	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

// fields returns the path of every field that a change consists of, without indices: Orders.Lines.Item.
func fields(t reflect.Type, path string) []string {
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer:
		return fields(t.Elem(), path)
	case reflect.Struct:
		if storetest.Opaque(t) {
			break
		}
		var all []string
		for field := range t.Fields() {
			all = append(all, fields(field.Type, strings.TrimPrefix(path+"."+field.Name, "."))...)
		}
		return all
	}
	return []string{path}
}

// stored returns the fields of a change that a store keeps and gives back. The memory store knows a receipt's
// application from where the receipt is.
func stored() []string {
	return slices.DeleteFunc(fields(reflect.TypeFor[subscription.Change](), ""), func(path string) bool {
		return !strings.Contains(path, ".") || path == "Receipts.Application" || strings.HasPrefix(path, "Receipts.Order.")
	})
}

// each calls do with every struct within v that has the field at path, and with the field's name.
func each(v reflect.Value, path string, do func(v reflect.Value, field string)) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), path, do)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			each(v.Elem(), path, do)
		}
	default:
		field, rest, more := strings.Cut(path, ".")
		if !more {
			do(v, field)
			return
		}
		each(v.FieldByName(field), rest, do)
	}
}

// catches fails the test unless the rows area finds fault with a store that edits changes.
func catches(t *testing.T, edit func(c *subscription.Change)) {
	t.Helper()
	suite.Catch(t, storetest.Cases(), "rows/every field of", func(name string) suite.Verdict {
		return storetest.Judge(t.Context(), name, opens(edits(edit)), time.Second)
	})
}

func TestSuiteCatchesForgottenFields(t *testing.T) {
	paths := stored()
	if len(paths) < 300 {
		t.Errorf("%d fields, which can't be all", len(paths))
	}
	for i, path := range paths {
		if i%testsize.Of(8, 1) > 0 {
			continue
		}
		t.Run(path, func(t *testing.T) {
			catches(t, func(c *subscription.Change) {
				each(reflect.ValueOf(c).Elem(), path, func(v reflect.Value, field string) { v.FieldByName(field).SetZero() })
			})
		})
	}
}

func TestSuiteCatchesFieldsThatAreMixedUp(t *testing.T) {
	for i, path := range stored() {
		if i%testsize.Of(8, 1) > 0 {
			continue
		}
		of := path[:strings.LastIndexByte(path, '.')+1]
		for _, other := range stored() {
			name := strings.TrimPrefix(other, of)
			if other <= path || name == other || strings.Contains(name, ".") {
				continue
			}
			edit, same := mixUp(path, name)
			if same {
				t.Run(path+" and "+name, func(t *testing.T) { catches(t, edit) })
			}
		}
	}
}

// mixUp returns how to exchange two fields of one struct, and whether that is possible.
func mixUp(path, name string) (edit func(c *subscription.Change), same bool) {
	edit = func(c *subscription.Change) {
		each(reflect.ValueOf(c).Elem(), path, func(v reflect.Value, field string) {
			a, b := v.FieldByName(field), v.FieldByName(name)
			if a.Type() != b.Type() {
				return
			}
			same = true
			was := reflect.ValueOf(a.Interface())
			a.Set(b)
			b.Set(was)
		})
	}
	for seed := range 2 {
		c := storetest.Sample("a", 0, seed)
		edit(&c)
	}
	return edit, same
}

func TestSampleFillsEveryField(t *testing.T) {
	c := storetest.Sample("a", 1, 0)
	for _, path := range stored() {
		filled := false
		each(reflect.ValueOf(&c).Elem(), path, func(v reflect.Value, field string) {
			filled = filled || !v.FieldByName(field).IsZero()
		})
		if !filled {
			t.Errorf("the sample has no %s", path)
		}
	}
}

func TestSampleIsTheSameForTheSameSeed(t *testing.T) {
	for seed := range 4 {
		once, again := storetest.Sample("a", 1, seed), storetest.Sample("a", 1, seed)
		if d := storetest.Difference(again, once); d != "" {
			t.Errorf("seed %d: %s", seed, d)
		}
	}
}

func TestSpoilChangesEveryField(t *testing.T) {
	before, after := storetest.Sample("a", 1, 0), storetest.Sample("a", 1, 0)
	storetest.Spoil(&after)
	for _, path := range fields(reflect.TypeFor[subscription.Change](), "") {
		var was []any
		each(reflect.ValueOf(&before).Elem(), path, func(v reflect.Value, field string) {
			was = append(was, v.FieldByName(field).Interface())
		})
		i := 0
		each(reflect.ValueOf(&after).Elem(), path, func(v reflect.Value, field string) {
			if reflect.DeepEqual(v.FieldByName(field).Interface(), was[i]) {
				t.Errorf("%s, number %d, is as it was", path, i)
			}
			i++
		})
	}
}

func TestSpotsAreTheTextsOfAChange(t *testing.T) {
	spots := storetest.Spots()
	seen := map[string]bool{}
	for path, put := range spots {
		if path == "Application" {
			continue
		}
		c, want := storetest.Sample("a", 0, 0), storetest.Sample("a", 0, 0)
		put(&c, "odd")
		if storetest.Difference(c, want) == "" {
			t.Errorf("%s: nothing is put there", path)
		}
		seen[path] = true
	}
	for _, path := range []string{
		"Next.Account", "Next.Accepted.Agreement", "Next.Lots.Products", "Next.Orders.Note", "Orders.Note", "Orders.Reference",
		"Orders.Reason", "Orders.Agreement", "Orders.Lines.Item", "Events.Note", "Receipts.Key", "Records.ID", "Entries.Order",
	} {
		if !seen[path] {
			t.Errorf("%s isn't among them", path)
		}
	}
	if len(seen) < 50 {
		t.Errorf("%d spots, which can't be all", len(seen))
	}
}
