package subscription_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// Text in a gateway's answer must not keep the answer from being stored: it is cut to what every store can keep. Trap:
// money that was collected, and an order that stays open since a text is refused.
// Rule: foreign-texts-are-cut.
func TestTextsOfGatewaysAreKeptPlain(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"usual", "ch_3Nx 退款", "ch_3Nx 退款"},
		{"NUL", "a\x00b", "ab"},
		{"control characters", "a\r\n\tb\x1b[0m", "ab[0m"},
		{"not UTF-8", "a\xffb\xc3", "ab"},
		{"as long as it may be", strings.Repeat("x", 200), strings.Repeat("x", 200)},
		{"longer", strings.Repeat("x", 1<<20), strings.Repeat("x", 200)},
		{"cut within a character", strings.Repeat("退", 100), strings.Repeat("退", 66)},
		{"nothing else", "\x00\xff", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			collected := openOrder(t)
			r := result(t, collected.order(), "paid")
			r.Reference = tt.text
			collected.settle("2025-07-10T03:00:00Z", r)
			check(t, "status", collected.order().Status, subscription.OrderPaid)
			check(t, "reference", collected.order().Reference, tt.want)

			refused := openOrder(t)
			r = result(t, refused.order(), "declined")
			r.Reason = payment.Reason(tt.text)
			events := refused.settle("2025-07-10T03:00:00Z", r)
			check(t, "status", refused.order().Status, subscription.OrderDeclined)
			want := payment.Reason(tt.want)
			if want == "" {
				want = payment.Other
			}
			check(t, "reason", refused.order().Reason, want)
			check(t, "reason of the event", events[0].Reason, want)
		})
	}
}

// A command's note is cut in the same way.
func TestNotesAreKeptPlain(t *testing.T) {
	o := openOrder(t)
	d := subscription.Begin(o.s, instant(t, "2025-07-10T03:00:00Z"))
	d.AddEvent(subscription.Event{Type: subscription.EventDecisionFailed, Note: "\x00" + strings.Repeat("é", 400)})
	note := d.Change().Events[0].Note
	check(t, "length", len(note) <= subscription.MaxText && len(note) > subscription.MaxText-3, true)
	check(t, "text", utf8.ValidString(note) && !strings.Contains(note, "\x00"), true)
}
