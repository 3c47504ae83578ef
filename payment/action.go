package payment

import "time"

// ActionKind determines what a payer must do to complete a pending payment.
type ActionKind string

// The kinds of actions.
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
