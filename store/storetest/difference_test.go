package storetest_test

import (
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

func TestDifference(t *testing.T) {
	at := time.Date(2025, time.June, 16, 12, 0, 0, 1000, time.UTC)
	usd, err := pricing.ParseMoney("1.50", "USD")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name      string
		got, want any
		diff      string
	}{
		{"nothing", subscription.Order{}, subscription.Order{}, ""},
		{"nil and empty", subscription.Order{Lines: []pricing.Line{}}, subscription.Order{}, ""},
		{"a field", subscription.Entry{Index: 1}, subscription.Entry{Index: 2}, ".Index: 1, want 2"},
		{"a text", subscription.Entry{Kind: "a"}, subscription.Entry{Kind: "b"}, `.Kind: "a", want "b"`},
		{"a length", []int{1, 2}, []int{1}, "value: 2 of them, want 1"},
		{"an item", []string{"a", "b"}, []string{"a", "c"}, `[1]: "b", want "c"`},
		{"an amount", subscription.Event{Amount: usd}, subscription.Event{}, `.Amount: "1.50 USD", want ""`},
		{"a time", at, at.Add(time.Microsecond), "value: 2025-06-16T12:00:00.000001Z, want 2025-06-16T12:00:00.000002Z"},
		{"a time that was returned in a zone", at.In(time.FixedZone("CST", 8*3600)), at, "value: in zone CST, want UTC"},
		{"a time that was committed in a zone", at, at.In(time.FixedZone("CST", 8*3600)), ""},
		{"one pointer", subscription.Delivery{Upgrade: &subscription.UpgradeDelivery{}}, subscription.Delivery{}, ".Upgrade: nil is false, want true"},
		{"behind pointers", &subscription.UpgradeDelivery{Ahead: []int64{1}}, &subscription.UpgradeDelivery{Ahead: []int64{2}}, ".Ahead[0]: 1, want 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := storetest.Difference(tt.got, tt.want); got != tt.diff {
				t.Errorf("Difference: %q, want %q", got, tt.diff)
			}
		})
	}
}
