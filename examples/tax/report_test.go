package main

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// play runs the summer of a shop.
func play(t *testing.T, included bool) *summer {
	t.Helper()
	s, err := open(included)
	if err != nil {
		t.Fatal(err)
	}
	played := &summer{shop: s, w: io.Discard}
	if err := played.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return played
}

// facts are the same for both customers, since only one is without tax.
func facts(subscription.ApplicationID) (subscription.TaxFacts, error) {
	return subscription.TaxFacts{Exempt: "reverse charge", Number: "ATU12345678"}, nil
}

// The quarter by hand. On top, at 16 %:
//
//	July      29.00                                       4.64   = 29.00 × 16 %
//	August    29.00                                       4.64   by hand, a month ahead
//	August    26.27 + 50.90 = 77.17                      12.35   = 77.17 × 16 % = 12.3472; line by line it were 4.20 + 8.14 = 12.34
//	refunds  −77.17                                     −12.35   = 4.14 + 4.14 + 4.07, of 30.00, 30.00 and 29.52 of 89.52
//	September 79.90                                      12.78   = 79.90 × 16 % = 12.784
//	         137.90                                      22.06
//
// At 19 %, 10.00 of the 34.51 of June went back: of 5.51 that is 1.5966. Exempt are three renewals of 29.00. Included, each tax
// is 16/116 of what was paid:
//
//	July      29.00 −  4.00 = 25.00                       4.00
//	August    29.00 −  4.00 = 25.00                       4.00
//	August    77.17 − 10.64 = 66.53                      10.64   = 77.17 × 16/116 = 10.6441
//	refunds  −66.53                                     −10.64   = 4.14 + 4.13 + 2.37
//	September 79.90 − 11.02 = 68.88                      11.02   = 79.90 × 16/116 = 11.0207
//	         118.88                                      19.02
//
// and of June, 10.00 × 4.63 / 29.00 = 1.5966.
// Rule: tax-on-the-rounded-net, refund-shares-tax.
func TestQuarter(t *testing.T) {
	eur := func(minor int64) pricing.Money {
		m, err := pricing.FromMinor(minor, "EUR")
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, tt := range []struct {
		included bool
		want     []figure
	}{
		{false, []figure{
			{Name: "VAT", Percent: "16", Base: eur(137_90), Tax: eur(22_06)},
			{Name: "VAT", Percent: "19", Base: eur(-8_40), Tax: eur(-1_60)},
			{Exempt: "reverse charge", Number: "ATU12345678", Base: eur(87_00), Tax: eur(0)},
		}},
		{true, []figure{
			{Name: "VAT", Percent: "16", Base: eur(118_88), Tax: eur(19_02)},
			{Name: "VAT", Percent: "19", Base: eur(-8_40), Tax: eur(-1_60)},
			{Exempt: "reverse charge", Number: "ATU12345678", Base: eur(87_00), Tax: eur(0)},
		}},
	} {
		s := play(t, tt.included)
		got, err := quarter(t.Context(), s.store, facts, at(time.July, 1, 0), at(time.October, 1, 0))
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(pricing.Money{})); err != nil || diff != "" {
			t.Errorf("included %t: %v (-want +got):\n%s", tt.included, err, diff)
		}
	}
}

// A return that lacks a tax, or has a cent too much, isn't given out.
func TestAgrees(t *testing.T) {
	s := play(t, false)
	from, until := at(time.July, 1, 0), at(time.October, 1, 0)
	figures, err := quarter(t.Context(), s.store, facts, from, until)
	if err != nil {
		t.Fatal(err)
	}
	if err := agrees(t.Context(), s.store, figures[1:], from, until); err == nil {
		t.Error("a figure is missing, and nothing was said")
	}
	cent, err := pricing.FromMinor(1, "EUR")
	if err == nil {
		err = add(&figures[0].Tax, cent, 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := agrees(t.Context(), s.store, figures, from, until); err == nil {
		t.Error("a cent too much, and nothing was said")
	}
}

// A refund that fails after all stays in its quarter, and a person decides about the tax of the later one.
func TestUndone(t *testing.T) {
	s := play(t, false)
	failed := payment.Result{Key: string(s.bought.Attempt) + "/refund", Status: payment.Declined, Reason: payment.Other}
	if _, err := s.Settle(t.Context(), subscription.AttemptID(failed.Key), failed); err != nil {
		t.Fatal(err)
	}
	if _, err := quarter(t.Context(), s.store, facts, at(time.July, 1, 0), at(time.October, 1, 0)); err != nil {
		t.Errorf("the quarter of the refund: %v", err)
	}
	if _, err := quarter(t.Context(), s.store, facts, at(time.October, 1, 0), at(time.December, 31, 0)); !errors.Is(err, errUndone) {
		t.Errorf("%v, want %v", err, errUndone)
	}
}
