package customcommand_test

import (
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/examples/customcommand"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// wrong is a command with a mistake.
type wrong func(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error)

func (wrong) Kind() string { return "acme_wrong" }

func (f wrong) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

func (f wrong) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	return f(s, cat, now)
}

// drafted is a command that edits a draft, and says so in an event.
func drafted(edit func(*subscription.Draft)) wrong {
	return func(s subscription.Snapshot, _ *pricing.Catalog, now time.Time) (subscription.Change, error) {
		d := subscription.Begin(s, now)
		edit(d)
		d.AddEvent(subscription.Event{Type: "acme_wrong"})
		return d.Change(), nil
	}
}

// What the SDK refuses of a command that is wrong, before anything is stored.
func TestWhatIsRefused(t *testing.T) {
	redeem := customcommand.Redeem{Voucher: spring(), Currency: "USD"}
	for _, tt := range []struct {
		name string
		cmd  wrong
		want error
	}{
		{"minutes without an order", drafted(func(d *subscription.Draft) {
			d.Application.Lots[0].Granted += subscription.Minutes(1000)
			d.Application.Lots[0].Remaining += subscription.Minutes(1000)
		}), subscription.ErrInvariant},
		{"a longer period without a payment", drafted(func(d *subscription.Draft) {
			d.Application.Subscriptions[0].Cycles[0].Period.End = d.Now.AddDate(1, 0, 0)
		}), subscription.ErrInvariant},
		{"a status that can't follow", drafted(func(d *subscription.Draft) {
			d.Application.Subscriptions[0].Status = subscription.Expired
		}), subscription.ErrInvariant},
		{"a clock of its own", func(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
			return redeem.Decide(s, cat, now.Add(time.Second))
		}, subscription.ErrInvariant},
		{"two orders in one request", func(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
			first, err := redeem.Decide(s, cat, now)
			if err != nil {
				return first, err
			}
			return redeem.Decide(s.After(first), cat, now)
		}, subscription.ErrInvalid},
		{"an order whose lines don't sum", func(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
			price, _, err := cat.PricePack("rtc-engine-25k", 1, "USD")
			if err != nil {
				return subscription.Change{}, err
			}
			price.Amount, err = price.Amount.Share(1, 2, cat.Rounding())
			if err != nil {
				return subscription.Change{}, err
			}
			d := subscription.Begin(s, now)
			_, err = d.Place(subscription.Order{Kind: "acme_half"}, price, cat)
			return d.Change(), err
		}, subscription.ErrInvariant},
		{"an edit without an event or an order", func(s subscription.Snapshot, _ *pricing.Catalog, now time.Time) (subscription.Change, error) {
			d := subscription.Begin(s, now)
			d.Application.Account = "somebody-else"
			return d.Change(), nil
		}, nil}, // it is dropped
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open()
			before := s.snapshot(t).Application
			if _, err := s.Do(t.Context(), "chat", tt.cmd, "key"); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if diff := same(before, s.snapshot(t).Application); diff != "" {
				t.Errorf("stored (-before +after):\n%s", diff)
			}
		})
	}
}
