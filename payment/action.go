package payment

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxAction and MaxActionKind are the maximum lengths of an action's value and of its kind, in bytes.
const (
	MaxAction     = 4096
	MaxActionKind = 64
)

// ActionKind determines what a payer must do to complete a pending payment. The set is open: an adapter and its host may
// agree on kinds of their own.
type ActionKind string

// The common kinds of actions.
const (
	ActionRedirect ActionKind = "redirect"      // Value is a URL to redirect the payer's browser to
	ActionSecret   ActionKind = "client_secret" // Value is for the provider's own code in the payer's browser
)

// Action is a step that the payer must complete before a pending payment can proceed, such as confirming it with the
// card issuer. Its value is a credential: show it only to the payer and never log it.
type Action struct {
	Kind  ActionKind `json:"kind"`
	Value string     `json:"value"`
	Until time.Time  `json:"until,omitzero"` // deadline; zero: unknown
}

// IsZero reports whether there is no action to take.
func (a Action) IsZero() bool { return a == Action{} }

// Equal reports whether two actions are the same, regardless of the location of their deadlines.
func (a Action) Equal(b Action) bool {
	until := a.Until.Equal(b.Until)
	a.Until = b.Until
	return until && a == b
}

// Validate returns an error that wraps [ErrInvalid] if the kind or the value is empty, too long ([MaxActionKind],
// [MaxAction]), is not UTF-8, or contains a control character. The error doesn't show the value.
func (a Action) Validate() error {
	for _, part := range []struct {
		name, text string
		longest    int
	}{{"kind", string(a.Kind), MaxActionKind}, {"value", a.Value, MaxAction}} {
		switch {
		case part.text == "":
			return fmt.Errorf("%w: action without a %s", ErrInvalid, part.name)
		case len(part.text) > part.longest:
			return fmt.Errorf("%w: action with a %s of more than %d bytes", ErrInvalid, part.name, part.longest)
		case !utf8.ValidString(part.text) || strings.IndexFunc(part.text, control) >= 0:
			return fmt.Errorf("%w: the %s of an action is not plain text", ErrInvalid, part.name)
		}
	}
	return nil
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

// String returns the kind and the deadline. It omits the value.
func (a Action) String() string {
	s := string(a.Kind) + " (hidden)"
	if !a.Until.IsZero() {
		s += " until " + a.Until.UTC().Format(time.RFC3339)
	}
	return s
}

// GoString returns the result of String, so no verb of package fmt prints the value.
func (a Action) GoString() string { return a.String() }
