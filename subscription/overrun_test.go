package subscription_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// taking has records that don't fit take what is left.
var taking = []string{`"low_balance_percent"`, `"overrun": "take", "low_balance_percent"`}

// Trap: three calls of an hour with 36 minutes left cost nothing. They are refused whole by default; where the catalog says
// so, they take what is left. The rest is forgiven for good: it is counted and told, and what is bought later doesn't cover it.
// Rule: overrun-is-the-catalogs-choice.
func TestThreeCallsWithTooFewMinutes(t *testing.T) {
	for _, tt := range []struct {
		name     string
		edits    []string
		want     []string
		lots     []string
		forgiven int64
		told     []string
	}{
		{"refuse", nil, []string{"24 short", "24 short", "24 short"}, []string{"1 package 36/100"}, 0, nil},
		{
			"take", taking,
			[]string{"36 and 24 forgiven", "0 and 60 forgiven", "0 and 60 forgiven"},
			[]string{"1 package 0/100"}, 24 + 60 + 60, []string{"usage_forgiven 144"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMeter(t, tt.edits...)
			m.must(buy("call", "small"))
			m.use(m.used("hd", 16)) // 64 of 100
			sameLines(t, "results", m.use(m.used("audio", 60), m.used("audio", 60), m.used("audio", 60)), tt.want...)
			sameLines(t, "lots", m.lots(), tt.lots...)
			sameLines(t, "told", m.amounts(subscription.EventForgiven), tt.told...)
			var forgiven subscription.Quantity
			for _, c := range m.stored().Counters {
				forgiven += c.Forgiven
			}
			check(t, "forgiven", forgiven, subscription.Minutes(tt.forgiven))
			m.must(topUp("call-50"))
			sameLines(t, "what is bought later", m.lots()[len(m.lots())-1:], "2 top_up 50/50")
			m.balanced()
		})
	}
}

// A record takes what is left to the last thousandth, whatever the weight; of a kind that packages don't cover, nothing.
// In pay-as-you-go mode nothing is forgiven.
// Rule: overrun-is-the-catalogs-choice.
func TestTakesWhatIsLeft(t *testing.T) {
	m := newMeter(t, taking...)
	m.must(subscription.ClaimFree{Free: "welcome"}) // 5 minutes, 1:1
	m.must(buy("call", "small"))
	sameLines(t, "100 - 90.5", m.use(m.used("audience-audio", 5), m.used("audience-audio", 181)), "5", "90.5")
	sameLines(t, "2 × 9, of which 9.5 are left", m.use(m.used("full-hd", 2)), "9.5 and 8.5 forgiven")
	sameLines(t, "nothing is left", m.use(m.used("hd", 1)), "0 and 4 forgiven")
	sameLines(t, "not covered", m.use(m.used("transcoding", 3)), "0 and 3 forgiven")
	sameLines(t, "told", m.amounts(subscription.EventForgiven), "usage_forgiven 8.5", "usage_forgiven 4", "usage_forgiven 3")
	m.paidGo()
	sameLines(t, "in pay-as-you-go mode", m.use(m.used("hd", 1)), "0 and 4 excess")
	m.balanced()
}
