package pricing_test

import (
	"reflect"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
)

// A nil catalog sells nothing, and neither does an empty one; nothing panics.
// Rule: nothing-panics.
func TestNilCatalog(t *testing.T) {
	for _, c := range []*pricing.Catalog{nil, {}} {
		v := reflect.ValueOf(c)
		for i := range v.NumMethod() {
			m := v.Type().Method(i)
			if m.Name == "WithRounding" {
				continue // skip test files
			}
			in := make([]reflect.Value, m.Type.NumIn()-1)
			for k := range in {
				in[k] = reflect.Zero(m.Type.In(k + 1))
			}
			if m.Type.IsVariadic() {
				in = in[:len(in)-1]
			}
			v.Method(i).Call(in)
		}
		if _, err := c.Product("call"); err == nil {
			t.Error("a nil catalog has a product")
		}
	}
}
