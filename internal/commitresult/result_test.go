package commitresult_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/prepaidkit/prepaid/internal/commitresult"
	"github.com/prepaidkit/prepaid/subscription"
)

func TestOnePerApplication(t *testing.T) {
	a, b := subscription.Change{Application: "a"}, subscription.Change{Application: "b"}
	for _, tt := range []struct {
		name  string
		batch []subscription.Change
		want  error
	}{
		{"nothing", nil, nil},
		{"one", []subscription.Change{a}, nil},
		{"two applications", []subscription.Change{a, b}, nil},
		{"one application twice", []subscription.Change{a, b, a}, subscription.ErrInvalid},
	} {
		if err := commitresult.OnePerApplication(tt.batch); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestResult(t *testing.T) {
	var none, conflict, refused commitresult.Result
	conflict.Conflict("a")
	refused.Refuse("b", subscription.ErrTooLarge)
	for _, tt := range []struct {
		name                string
		outcome             commitresult.Result
		conflicted, refused []subscription.ApplicationID
	}{
		{"nothing", none.And(none), nil, nil},
		{"a conflict", conflict, []subscription.ApplicationID{"a"}, nil},
		{"a refusal", refused, nil, []subscription.ApplicationID{"b"}},
		{"both", conflict.And(refused), []subscription.ApplicationID{"a"}, []subscription.ApplicationID{"b"}},
		{"more of both", conflict.And(refused).And(conflict), []subscription.ApplicationID{"a", "a"}, []subscription.ApplicationID{"b"}},
	} {
		err := tt.outcome.Err()
		if (err == nil) != (len(tt.conflicted)+len(tt.refused) == 0) {
			t.Errorf("%s: %v", tt.name, err)
		}
		var c *subscription.ConflictError
		if errors.As(err, &c) != (tt.conflicted != nil) || c != nil && !slices.Equal(c.Applications, tt.conflicted) {
			t.Errorf("%s: %v, want conflicts of %q", tt.name, err, tt.conflicted)
		}
		var r *subscription.RefusedError
		if errors.As(err, &r) != (tt.refused != nil) || r != nil && (len(r.Changes) != 1 || r.Changes[0].Application != "b") {
			t.Errorf("%s: %v, want refusals of %q", tt.name, err, tt.refused)
		}
	}
}
