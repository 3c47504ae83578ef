package payment_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// Anyone who has an action's value can pay or see the payer, so no way of printing shows it.
// Rule: payer-actions-are-hidden.
func TestActionHidesItsValue(t *testing.T) {
	a := payment.Action{Kind: payment.ActionSecret, Value: "pi_1_secret_2", Until: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		got := fmt.Sprintf(verb, a)
		if strings.Contains(got, a.Value) || !strings.Contains(got, "client_secret") {
			t.Errorf("%s shows %s", verb, got)
		}
	}
	if got, want := a.String(), "client_secret (hidden) until 2026-01-02T03:04:05Z"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if a.IsZero() || !(payment.Action{}).IsZero() {
		t.Error("IsZero")
	}
}

func ExampleAction_String() {
	a := payment.Action{Kind: payment.ActionRedirect, Value: "https://bank.example/confirm?token=secret"}
	fmt.Println(a, a.IsZero())
	// Output: redirect (hidden) false
}
