package subscription_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// plainError fails unless err is an error whose text is short and can't be mistaken for a separate log line.
func plainError(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	text := err.Error()
	if len(text) > 600 || strings.ContainsFunc(text, unicode.IsControl) {
		t.Errorf("%s: an error of %d bytes: %.200q", what, len(text), text)
	}
}

// Whatever a caller sends, errors don't repeat it at length, and never repeat characters that break log lines or move a
// terminal's cursor.
// Rule: foreign-texts-are-cut.
func TestErrorsAreShortAndPlain(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	for _, b := range []string{strings.Repeat("\n", 1<<20), strings.Repeat("ü", 1<<19), "a\x1b[2J\nERROR paid=true", "x\x7f\u0085y"} {
		for _, c := range []subscription.Command{
			subscription.Purchase{Product: pricing.ProductID(b)}, subscription.Purchase{Product: "call", Version: pricing.VersionID(b)},
			subscription.Purchase{Product: "live", Version: "lite", Term: pricing.Months(1), Currency: pricing.Currency(b)},
			subscription.Purchase{Product: "live", Version: "lite", Term: pricing.Months(1), Currency: "USD", Offer: pricing.OfferID(b)},
			subscription.Purchase{Product: "live", Version: "lite", Term: pricing.Months(1), Currency: "USD", Agreement: b},
			subscription.Upgrade{Product: pricing.ProductID(b)}, subscription.Upgrade{Product: "call", To: pricing.VersionID(b)},
			subscription.Cancel{Order: subscription.OrderID(b)}, subscription.CloseReview{Order: subscription.OrderID(b), Note: b},
			subscription.ReturnPackage{Order: subscription.OrderID(b)}, subscription.Accept{Agreement: b},
			subscription.AutoRenew{Product: pricing.ProductID(b)}, subscription.ClaimFree{Free: pricing.FreeGrantID(b)},
			subscription.EnablePayAsYouGo{Currency: pricing.Currency(b)}, subscription.EnablePayAsYouGo{Currency: "USD", Agreement: b},
			subscription.Reserve{ID: b, Product: "call", Usage: "audio", Minutes: 1}, subscription.Release{ID: b},
			topup.Buy{Pack: pricing.PackID(b)}, topup.Buy{Pack: "rtc-engine-25k", Currency: pricing.Currency(b)},
			renewal.Renew{Product: pricing.ProductID(b)}, subscription.Create{Account: subscription.AccountID(b)},
		} {
			_, err := w.Do(t.Context(), app, c, "k")
			plainError(t, fmt.Sprintf("%T", c), err)
			_, err = w.Quote(t.Context(), app, c)
			plainError(t, fmt.Sprintf("quote of %T", c), err)
		}
		id := subscription.ApplicationID(b)
		_, err := w.Do(t.Context(), app, buy("call", "one-to-one"), b)
		plainError(t, "key", err)
		_, err = w.Do(t.Context(), id, subscription.Create{Account: acme}, "create")
		plainError(t, "application", err)
		_, err = w.Application(t.Context(), id)
		plainError(t, "reading an application", err)
		_, err = w.Order(t.Context(), app, subscription.OrderID(b))
		plainError(t, "order", err)
		_, err = w.Settle(t.Context(), subscription.AttemptID(b), payment.Result{Key: b, Status: payment.Declined, Reason: "x"})
		plainError(t, "Settle", err)
		_, err = w.Notify(t.Context(), subscription.AttemptID(b))
		plainError(t, "Notify", err)
		_, err = w.Confirm(t.Context(), app, buy("call", "one-to-one"), subscription.Quote{Application: id, Kind: b}, "k9")
		plainError(t, "Confirm", err)
		results, err := w.Consume(t.Context(), app,
			subscription.Usage{ID: b, Product: "call", Kind: "audio", At: w.now, Seconds: 1},
			subscription.Usage{ID: "x", Product: pricing.ProductID(b), Kind: "audio", At: w.now, Seconds: 1},
			subscription.Usage{ID: "y", Product: "call", Kind: pricing.UsageKindID(b), At: w.now, Seconds: 1})
		w.ok(err)
		for i, r := range results {
			plainError(t, fmt.Sprintf("usage %d", i), r.Err)
		}
		for _, err := range []error{
			&subscription.ConflictError{Applications: []subscription.ApplicationID{id}},
			&subscription.RefusedError{Changes: []subscription.Refusal{{Application: id, Err: subscription.ErrInvalid}}},
			&subscription.OrderError{Order: subscription.OrderID(b), Reason: payment.Reason(b)},
			&subscription.ExhaustedError{Product: pricing.ProductID(b), Kind: pricing.UsageKindID(b)},
		} {
			plainError(t, fmt.Sprintf("%T", err), err)
		}
	}
}

// A new identifier has no control characters; a stored one that has them still works.
// Rule: identifiers-are-plain.
func TestNewIDsHaveNoControlCharacters(t *testing.T) {
	w := newMeter(t)
	w.must(buy("call", "small"))
	for _, bad := range []string{"a\nb", "a\tb", "\x1b[2J", "a\x7fb", "a\u0085b", "a\u2028b"} {
		_, err := w.Do(t.Context(), subscription.ApplicationID(bad), subscription.Create{Account: acme}, "create")
		check(t, fmt.Sprintf("application %q", bad), errors.Is(err, subscription.ErrInvalid), true)
		_, err = w.Do(t.Context(), "new", subscription.Create{Account: subscription.AccountID(bad)}, "create")
		check(t, fmt.Sprintf("account %q", bad), errors.Is(err, subscription.ErrInvalid), true)
		_, err = w.Do(t.Context(), app, subscription.AutoRenew{Product: "call"}, bad)
		check(t, fmt.Sprintf("key %q", bad), errors.Is(err, subscription.ErrInvalid), true)
		results, err := w.Consume(t.Context(), app, subscription.Usage{ID: bad, Product: "call", Kind: "audio", At: w.now, Seconds: 1})
		w.ok(err)
		check(t, fmt.Sprintf("usage %q", bad), errors.Is(results[0].Err, subscription.ErrInvalid), true)
	}
	old := w.stored()
	old.ID, old.Revision = "a\nb", 1
	for i := range old.Orders {
		old.Orders[i].Application = old.ID
	}
	w.ok(w.store.Commit(t.Context(), subscription.Change{Application: old.ID, Next: old}))
	_, err := w.Do(t.Context(), old.ID, subscription.AutoRenew{Product: "call"}, "off")
	w.ok(err)
	_, err = w.Application(t.Context(), old.ID)
	w.ok(err)
}
