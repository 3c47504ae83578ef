package payment_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// What no provider can mean is refused before anything is decided.
func TestReversalValidate(t *testing.T) {
	amount, err := pricing.ParseMoney("10.00", "USD")
	if err != nil {
		t.Fatal(err)
	}
	none, err := amount.Sub(amount)
	if err != nil {
		t.Fatal(err)
	}
	good := payment.Reversal{ID: "dp_1", Charge: "key", Status: payment.Reversed, Amount: amount, Reason: "fraudulent"}
	for name, change := range map[string]func(r *payment.Reversal){
		"":                  func(*payment.Reversal) {},
		"status":            func(r *payment.Reversal) { r.Status = "lost" },
		"ID":                func(r *payment.Reversal) { r.ID = "" },
		"key":               func(r *payment.Reversal) { r.Charge = "" },
		"amount is missing": func(r *payment.Reversal) { r.Amount = pricing.Money{} },
		"not positive":      func(r *payment.Reversal) { r.Amount = none },
		"reason is longer":  func(r *payment.Reversal) { r.Reason = payment.Reason(strings.Repeat("x", payment.MaxKey+1)) },
		"reference is not":  func(r *payment.Reversal) { r.Reference = "\xff" },
		"ID is not UTF-8":   func(r *payment.Reversal) { r.ID = "a\x00" },
	} {
		r := good
		change(&r)
		err := r.Validate()
		if (name != "") != errors.Is(err, payment.ErrInvalid) || err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: Validate = %v", name, err)
		}
	}
}
