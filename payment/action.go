package payment

import "time"

// ActionKind says what a payer has to do for a payment that waits for it.
type ActionKind string

// The kinds of actions.
const (
	ActionRedirect ActionKind = "redirect"      // Value is a URL that the payer's browser is sent to
	ActionSecret   ActionKind = "client_secret" // Value is for the provider's own code in the payer's browser
)

// Action is what the payer has to do before a pending payment goes on, such as to confirm it with the card's issuer.
// Its value is a credential: it is for the payer alone, and in no log.
type Action struct {
	Kind  ActionKind `json:"kind"`
	Value string     `json:"value"`
	Until time.Time  `json:"until,omitzero"` // it can be done before; zero: unknown
}

// IsZero reports whether there is nothing to do.
func (a Action) IsZero() bool { return a == Action{} }

// String returns the kind and the end, and hides the value.
func (a Action) String() string {
	s := string(a.Kind) + " (hidden)"
	if !a.Until.IsZero() {
		s += " until " + a.Until.UTC().Format(time.RFC3339)
	}
	return s
}

// GoString returns what String returns, so that the value is hidden from every verb of package fmt.
func (a Action) GoString() string { return a.String() }
