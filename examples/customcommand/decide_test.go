package customcommand_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/examples/customcommand"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// snapshot loads what Decide is given.
func (s *shop) snapshot(t *testing.T) subscription.Snapshot {
	t.Helper()
	all, err := s.store.Load(t.Context(), subscription.Read{Application: "chat"})
	if err != nil {
		t.Fatal(err)
	}
	all[0].Request = "key"
	return all[0]
}

// Decide needs no service: a snapshot, a catalog and an instant are all. It is pure, all that it depends on is in its JSON, and
// its change holds the SDK's invariants. Copy this test for each command.
func TestDecide(t *testing.T) {
	s := open()
	for _, cmd := range []subscription.Command{
		&customcommand.Redeem{Voucher: spring(), Currency: "USD"},
		&customcommand.Pause{Product: "call", Reason: "on holiday"},
	} {
		t.Run(cmd.Kind(), func(t *testing.T) {
			base, again := s.snapshot(t), s.snapshot(t)
			change, err := cmd.Decide(base, s.catalog, s.now)
			if err != nil {
				t.Fatal(err)
			}
			if err := change.CheckAt(base.Application, s.now); err != nil {
				t.Error(err)
			}
			if diff := same(again.Application, base.Application); diff != "" {
				t.Errorf("the snapshot was modified (-before +after):\n%s", diff)
			}
			text, err := json.Marshal(cmd)
			if err != nil {
				t.Fatal(err)
			}
			read, _ := reflect.TypeAssert[subscription.Command](reflect.New(reflect.TypeOf(cmd).Elem()))
			if err := json.Unmarshal(text, read); err != nil {
				t.Fatal(err)
			}
			repeated, err := read.Decide(again, s.catalog, s.now)
			if diff := same(change, repeated); err != nil || diff != "" {
				t.Errorf("decided again from its JSON: %v (-first +second):\n%s", err, diff)
			}
		})
	}
}

func same[T any](a, b T) string {
	return cmp.Diff(a, b, cmp.AllowUnexported(pricing.Money{}, pricing.Rate{}))
}

// Each error, its code, and that nothing is decided with it.
func TestErrors(t *testing.T) {
	s := open()
	with := func(edit func(*customcommand.Voucher)) customcommand.Redeem {
		v := spring()
		edit(&v)
		return customcommand.Redeem{Voucher: v, Currency: "USD"}
	}
	for _, tt := range []struct {
		name string
		cmd  subscription.Command
		at   time.Time
		want error
		code subscription.Code
	}{
		{"no code", with(func(v *customcommand.Voucher) { v.Code = "" }), s.now, customcommand.ErrVoucher, "voucher_invalid"},
		{"nothing off", with(func(v *customcommand.Voucher) { v.Percent = 0 }), s.now, customcommand.ErrVoucher, "voucher_invalid"},
		{"all off", with(func(v *customcommand.Voucher) { v.Percent = 100 }), s.now, customcommand.ErrVoucher, "voucher_invalid"},
		{"an unknown pack", with(func(v *customcommand.Voucher) { v.Pack = "gone" }), s.now, pricing.ErrUnknownPack, "unknown_pack"},
		{"no price", customcommand.Redeem{Voucher: spring(), Currency: "CHF"}, s.now, pricing.ErrNoPrice, "no_price"},
		{
			"the last second in Shanghai", with(func(*customcommand.Voucher) {}),
			time.Date(2025, time.July, 31, 15, 59, 59, 0, time.UTC), nil, "",
		},
		{
			"the day after in Shanghai", with(func(*customcommand.Voucher) {}),
			time.Date(2025, time.July, 31, 16, 0, 0, 0, time.UTC), customcommand.ErrVoucherExpired, "voucher_expired",
		},
		{"a pause without a reason", customcommand.Pause{Product: "call", Reason: " "}, s.now, customcommand.ErrReason, "reason_required"},
		{"a pause of nothing", customcommand.Pause{Product: "live", Reason: "none"}, s.now, subscription.ErrNotFound, "not_found"},
	} {
		change, err := tt.cmd.Decide(s.snapshot(t), s.catalog, tt.at)
		if !errors.Is(err, tt.want) || subscription.CodeOf(err) != tt.code || change.IsZero() != (tt.want != nil) {
			t.Errorf("%s: %v with code %q, and change %t; want %v with code %q", tt.name, err, subscription.CodeOf(err), !change.IsZero(), tt.want, tt.code)
		}
	}
	for _, cmd := range []subscription.Command{customcommand.Redeem{Voucher: spring(), Currency: "USD"}, customcommand.Pause{Product: "call", Reason: "none"}} {
		if _, err := s.Do(t.Context(), "nobody", cmd, "key"); !errors.Is(err, subscription.ErrNotFound) {
			t.Errorf("%s of an application that doesn't exist: %v", cmd.Kind(), err)
		}
	}
}

// A part of a cent is rounded once, at the end: 24.00 × 67/100 = 16.08, and 227.00 × 67/100 = 152.09.
func TestPrice(t *testing.T) {
	s := open()
	for pack, want := range map[pricing.PackID]string{"rtc-engine-25k": "16.08 USD", "rtc-engine-250k": "152.09 USD"} {
		v := spring()
		v.Pack, v.Percent = pack, 33
		q, err := s.Quote(t.Context(), "chat", customcommand.Redeem{Voucher: v, Currency: "USD"})
		if err != nil || q.Amount.String() != want {
			t.Errorf("%s: %s, %v, want %s", pack, q.Amount, err, want)
		}
	}
}
