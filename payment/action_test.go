package payment_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
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

func secret(value string) payment.Action {
	return payment.Action{Kind: payment.ActionSecret, Value: value}
}

// What a gateway can ask of a payer is bounded, and no error shows it.
// Rule: customer-action, payer-actions-are-hidden.
func TestActionValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		a    payment.Action
		want string
	}{
		{"a secret", secret("pi_1_secret_2"), ""},
		{"the longest", payment.Action{Kind: payment.ActionKind(strings.Repeat("k", 64)), Value: strings.Repeat("é", 2048)}, ""},
		{"the zero value", payment.Action{}, "payment: invalid: action without a kind"},
		{"no value", secret(""), "payment: invalid: action without a value"},
		{"a long kind", payment.Action{Kind: payment.ActionKind(strings.Repeat("k", 65)), Value: "v"}, "payment: invalid: action with a kind of more than 64 bytes"},
		{"a long value", secret(strings.Repeat("x", 4097)), "payment: invalid: action with a value of more than 4096 bytes"},
		{"not UTF-8", secret("hidden\xff"), "payment: invalid: the value of an action is not plain text"},
		{"a line break", secret("hid\nden"), "payment: invalid: the value of an action is not plain text"},
		{"a kind with a NUL", payment.Action{Kind: "a\x00b", Value: "v"}, "payment: invalid: the kind of an action is not plain text"},
	} {
		t.Run(tt.name, func(t *testing.T) { checkInvalid(t, tt.a.Validate(), tt.want) })
	}
}

func TestActionEqual(t *testing.T) {
	a := payment.Action{Kind: payment.ActionSecret, Value: "v", Until: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	here := a
	here.Until = a.Until.In(time.FixedZone("", 3600))
	later := a
	later.Until = a.Until.Add(time.Second)
	for name, tt := range map[string]struct {
		b    payment.Action
		want bool
	}{
		"the same":        {a, true},
		"in another zone": {here, true},
		"later":           {later, false},
		"another value":   {payment.Action{Kind: a.Kind, Value: "w", Until: a.Until}, false},
		"another kind":    {payment.Action{Kind: payment.ActionRedirect, Value: "v", Until: a.Until}, false},
	} {
		if got := a.Equal(tt.b); got != tt.want {
			t.Errorf("%s: Equal = %t, want %t", name, got, tt.want)
		}
	}
}

func ExampleAction_Equal() {
	a := payment.Action{Kind: payment.ActionSecret, Value: "pi_1_secret_2"}
	b := a
	fmt.Println(a.Equal(b), a.Equal(payment.Action{Kind: payment.ActionSecret, Value: "pi_1_secret_3"}))
	// Output: true false
}

func ExampleAction_Validate() {
	fmt.Println(payment.Action{Kind: payment.ActionRedirect, Value: "https://bank.example/confirm"}.Validate())
	fmt.Println(payment.Action{Kind: payment.ActionRedirect}.Validate())
	// Output:
	// <nil>
	// payment: invalid: action without a value
}

// A charge that is given up is canceled before another one is requested in its place, if the gateway can do that.
func ExampleCanceler() {
	gateway := paymenttest.NewHostile(balance.New(nil), &paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.ActionThenPaid),
	})
	ctx := context.Background()
	r, err := gateway.Charge(ctx, payment.Charge{Key: "order-1", Account: "acme", Amount: usd(19900), Present: true})
	fmt.Println(r.Status, r.Action, err)
	r, err = payment.Canceler(gateway).Cancel(ctx, "order-1")
	fmt.Println(r.Status, r.Reason, err)
	// Output:
	// pending redirect (hidden) <nil>
	// declined canceled <nil>
}

func ExampleAction_String() {
	a := payment.Action{Kind: payment.ActionRedirect, Value: "https://bank.example/confirm?token=secret"}
	fmt.Println(a, a.IsZero())
	// Output: redirect (hidden) false
}
