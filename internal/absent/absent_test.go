package absent_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/internal/absent"
)

func TestIs(t *testing.T) {
	var pointer *int
	var function func()
	for _, tt := range []struct {
		name string
		v    any
		want bool
	}{
		{"nil", nil, true},
		{"a nil pointer", pointer, true},
		{"a nil function", function, true},
		{"a nil map", map[string]int(nil), true},
		{"a pointer", new(int), false},
		{"an empty map", map[string]int{}, false},
		{"a struct", struct{}{}, false},
		{"zero", 0, false},
	} {
		if got := absent.Is(tt.v); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
