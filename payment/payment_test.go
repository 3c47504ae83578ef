package payment_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/testworld"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

var money = testworld.Money

func TestChargeValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*payment.Charge)
		want   string // "" means valid
	}{
		{"complete", func(*payment.Charge) {}, ""},
		{"only what is required", func(c *payment.Charge) { c.Order, c.Application, c.Description = "", "", "" }, ""},
		{"the longest texts", func(c *payment.Charge) {
			c.Key, c.Description = strings.Repeat("k", 256), strings.Repeat("d", 1024)
		}, ""},
		{"no key", func(c *payment.Charge) { c.Key = "" }, "payment: invalid: key is empty"},
		{"long key", func(c *payment.Charge) { c.Key = strings.Repeat("k", 257) }, "payment: invalid: key is longer than 256 bytes"},
		{"NUL in the key", func(c *payment.Charge) { c.Key = "a\x00" }, "payment: invalid: key is not UTF-8 text without NUL"},
		{"no account", func(c *payment.Charge) { c.Account = "" }, "payment: invalid: account is empty"},
		{"no amount", func(c *payment.Charge) { c.Amount = pricing.Money{} }, "payment: invalid: amount is missing"},
		{"zero", func(c *payment.Charge) { c.Amount = money(t, "0.00 USD") }, "payment: invalid: amount 0.00 USD is not positive"},
		{"negative", func(c *payment.Charge) { c.Amount = money(t, "-1.00 USD") }, "payment: invalid: amount -1.00 USD is not positive"},
		{"bad order", func(c *payment.Charge) { c.Order = "\xff" }, "payment: invalid: order is not UTF-8 text without NUL"},
		{"bad application", func(c *payment.Charge) { c.Application = "\xff" }, "payment: invalid: application is not UTF-8 text without NUL"},
		{"long description", func(c *payment.Charge) { c.Description = strings.Repeat("d", 1025) }, "payment: invalid: description is longer than 1024 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := payment.Charge{
				Key: "k", Account: "a", Amount: money(t, "199.00 USD"), Order: "o", Application: "app", Description: "d",
			}
			tt.change(&c)
			checkInvalid(t, c.Validate(), tt.want)
		})
	}
}

func TestRefundValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*payment.Refund)
		want   string
	}{
		{"complete", func(*payment.Refund) {}, ""},
		{"no key", func(r *payment.Refund) { r.Key = "" }, "payment: invalid: key is empty"},
		{"no charge", func(r *payment.Refund) { r.Charge = "" }, "payment: invalid: charge is empty"},
		{"no account", func(r *payment.Refund) { r.Account = "" }, "payment: invalid: account is empty"},
		{"zero", func(r *payment.Refund) { r.Amount = money(t, "0 JPY") }, "payment: invalid: amount 0 JPY is not positive"},
		{"long reason", func(r *payment.Refund) { r.Reason = strings.Repeat("x", 1025) }, "payment: invalid: reason is longer than 1024 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := payment.Refund{Key: "r", Charge: "k", Account: "a", Amount: money(t, "199.00 USD"), Reason: "why"}
			tt.change(&r)
			checkInvalid(t, r.Validate(), tt.want)
		})
	}
}

func TestResultValidate(t *testing.T) {
	usd := money(t, "5.00 USD")
	tests := []struct {
		name string
		r    payment.Result
		want string
	}{
		{"succeeded", payment.Result{Key: "k", Status: payment.Succeeded, Amount: usd}, ""},
		{"declined", payment.Result{Key: "k", Status: payment.Declined, Reason: payment.Other}, ""},
		{"declined for the gateway's own reason", payment.Result{Key: "k", Status: payment.Declined, Reason: "card_expired"}, ""},
		{"pending", payment.Result{Key: "k", Status: payment.Pending}, ""},
		{"pending with an action", payment.Result{Key: "k", Status: payment.Pending, Action: secret("s")}, ""},
		{"pending with a broken action", payment.Result{Key: "k", Status: payment.Pending, Action: secret("")}, "payment: invalid: action without a value"},
		{"succeeded with an action", payment.Result{Key: "k", Status: payment.Succeeded, Amount: usd, Action: secret("s")}, "payment: invalid: succeeded with an action"},
		{"declined with an action", payment.Result{Key: "k", Status: payment.Declined, Reason: payment.Other, Action: secret("s")}, "payment: invalid: declined with an action"},
		{"not found with an action", payment.Result{Key: "k", Status: payment.NotFound, Action: secret("s")}, "payment: invalid: not_found with an action"},
		{"not found", payment.Result{Key: "k", Status: payment.NotFound}, ""},
		{"the zero value", payment.Result{}, "payment: invalid: key is empty"},
		{"no status", payment.Result{Key: "k"}, `payment: invalid: status ""`},
		{"an unknown status", payment.Result{Key: "k", Status: "paid"}, `payment: invalid: status "paid"`},
		{"succeeded with nothing", payment.Result{Key: "k", Status: payment.Succeeded}, "payment: invalid: amount is missing"},
		{"succeeded with zero", payment.Result{Key: "k", Status: payment.Succeeded, Amount: money(t, "0.00 USD")}, "payment: invalid: amount 0.00 USD is not positive"},
		{"declined with an amount", payment.Result{Key: "k", Status: payment.Declined, Reason: payment.Other, Amount: usd}, "payment: invalid: declined with an amount, 5.00 USD"},
		{"pending with an amount", payment.Result{Key: "k", Status: payment.Pending, Amount: usd}, "payment: invalid: pending with an amount, 5.00 USD"},
		{"declined without a reason", payment.Result{Key: "k", Status: payment.Declined}, `payment: invalid: declined with the reason ""`},
		{"succeeded with a reason", payment.Result{Key: "k", Status: payment.Succeeded, Amount: usd, Reason: payment.Other}, `payment: invalid: succeeded with the reason "other"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkInvalid(t, tt.r.Validate(), tt.want) })
	}
}

func checkInvalid(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("Validate() = %v, want nil", err)
	case want != "" && (!errors.Is(err, payment.ErrInvalid) || err.Error() != want):
		t.Errorf("Validate() = %v, want %s", err, want)
	}
}

func TestStatus(t *testing.T) {
	tests := []struct {
		status       payment.Status
		valid, final bool
	}{
		{payment.Succeeded, true, true},
		{payment.Declined, true, true},
		{payment.Pending, true, false},
		{payment.NotFound, true, false}, // the charge may be in flight, or forgotten
		{"", false, false},
		{"paid", false, false},
	}
	for _, tt := range tests {
		if got := tt.status.Valid(); got != tt.valid {
			t.Errorf("Status(%q).Valid() = %t, want %t", tt.status, got, tt.valid)
		}
		if got := tt.status.Final(); got != tt.final {
			t.Errorf("Status(%q).Final() = %t, want %t", tt.status, got, tt.final)
		}
	}
}

func TestPaidIsExactlyTheAmount(t *testing.T) {
	usd := money(t, "5.00 USD")
	tests := []struct {
		name   string
		r      payment.Result
		amount pricing.Money
		want   bool
	}{
		{"that amount", payment.Result{Status: payment.Succeeded, Amount: usd}, usd, true},
		{"less", payment.Result{Status: payment.Succeeded, Amount: money(t, "4.99 USD")}, usd, false},
		{"more", payment.Result{Status: payment.Succeeded, Amount: money(t, "5.01 USD")}, usd, false},
		{"another currency", payment.Result{Status: payment.Succeeded, Amount: money(t, "5.00 EUR")}, usd, false},
		{"not yet", payment.Result{Status: payment.Pending}, usd, false},
		{"declined", payment.Result{Status: payment.Declined, Reason: payment.Other}, usd, false},
		{"no amount is never paid", payment.Result{Status: payment.Succeeded}, pricing.Money{}, false},
	}
	for _, tt := range tests {
		if got := tt.r.Paid(tt.amount); got != tt.want {
			t.Errorf("%s: Paid(%s) = %t, want %t", tt.name, tt.amount, got, tt.want)
		}
	}
}

func TestJSONIsStable(t *testing.T) {
	at := time.Date(2025, 6, 16, 10, 0, 0, 0, time.UTC)
	tests := []struct {
		name  string
		value any
		back  func([]byte) (any, error)
		want  string
	}{
		{
			"charge",
			payment.Charge{Key: "k", Account: "a", Amount: money(t, "199.00 USD"), Order: "o", Application: "app", Description: "d"},
			decode[payment.Charge],
			`{"key":"k","account":"a","amount":"199.00 USD","order":"o","application":"app","description":"d"}`,
		},
		{
			"charge of a payer who is present",
			payment.Charge{Key: "k", Account: "a", Amount: money(t, "199.00 USD"), Present: true},
			decode[payment.Charge],
			`{"key":"k","account":"a","amount":"199.00 USD","present":true}`,
		},
		{
			"pending with an action",
			payment.Result{Key: "k", Status: payment.Pending, Action: payment.Action{Kind: payment.ActionSecret, Value: "s", Until: at}},
			decode[payment.Result],
			`{"key":"k","status":"pending","action":{"kind":"client_secret","value":"s","until":"2025-06-16T10:00:00Z"}}`,
		},
		{
			"refund",
			payment.Refund{Key: "r", Charge: "k", Account: "a", Amount: money(t, "1.000 KWD"), Reason: "why"},
			decode[payment.Refund],
			`{"key":"r","charge":"k","account":"a","amount":"1.000 KWD","reason":"why"}`,
		},
		{
			"succeeded",
			payment.Result{Key: "k", Status: payment.Succeeded, Amount: money(t, "5 JPY"), Reference: "17", At: at},
			decode[payment.Result],
			`{"key":"k","status":"succeeded","amount":"5 JPY","reference":"17","at":"2025-06-16T10:00:00Z"}`,
		},
		{
			"declined",
			payment.Result{Key: "k", Status: payment.Declined, Reason: payment.InsufficientBalance},
			decode[payment.Result],
			`{"key":"k","status":"declined","reason":"insufficient_balance"}`,
		},
		{
			"not found",
			payment.Result{Key: "k", Status: payment.NotFound},
			decode[payment.Result],
			`{"key":"k","status":"not_found"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(tt.value)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
			back, err := tt.back(got)
			if err != nil {
				t.Fatal(err)
			}
			if back != tt.value {
				t.Errorf("decoded %+v, want %+v", back, tt.value)
			}
		})
	}
}

func decode[T any](b []byte) (any, error) {
	var v T
	err := json.Unmarshal(b, &v)
	return v, err
}

// Rule: hard-decline-stops-attempts.
func TestHardReasons(t *testing.T) {
	for reason, hard := range map[payment.Reason]bool{
		payment.NoPaymentMethod: true, payment.ExpiredMethod: true, payment.LostOrStolen: true, payment.Suspected: true,
		payment.InsufficientBalance: false, payment.NeedsAuthentication: false, payment.TryLater: false, payment.Canceled: false,
		payment.Other: false, "a provider's own": false, "": false,
	} {
		if reason.Hard() != hard {
			t.Errorf("%q.Hard() = %t, want %t", reason, !hard, hard)
		}
	}
}
