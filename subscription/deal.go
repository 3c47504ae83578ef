package subscription

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Deal is a price agreed with one customer for a version and term of one subscription. Renewals use it, automatic ones and
// those by hand, ahead of time too, and one period is counted for each that is paid. Money that goes back later gives no
// period back.
//
// Any change of version or term ends it, unless it names the new one. It names a version and term that the subscription
// doesn't have until a change at renewal, or an upgrade, makes it so.
type Deal struct {
	Version pricing.VersionID `json:"version"`
	Term    pricing.Term      `json:"term"`
	Price   pricing.Money     `json:"price"`
	Left    int               `json:"left"` // further periods; negative: no limit
	Reason  string            `json:"reason,omitzero"`
}

// maxDeal is the maximum number of periods of a deal.
const maxDeal = 1_000_000

// SetDeal agrees a price with a customer for further periods of one version and term of a subscription, in place of a deal
// that was agreed before. It is for staff. A price of zero is one, too: such periods cost nothing. Without a price, it ends
// the deal.
//
// Renewals whose total differs from what the customer knows are announced first, as after any change of price.
//
// It fails with:
//
//   - [ErrNotFound]: no such application, or it has no subscription to the product that can be renewed;
//   - [ErrInvalid]: a negative price or number of periods, more than a million of them, or a reason that isn't plain
//     UTF-8 or has more than [MaxText] bytes;
//   - [pricing.ErrUnknownProduct], [pricing.ErrUnknownVersion], [pricing.ErrNoPrice]: not in the catalog for the
//     subscription's currency;
//   - [pricing.ErrCurrencyMismatch]: a price in another currency than the subscription's;
//   - [pricing.ErrBelowLeast]: a price that is too small to charge;
//   - [ErrTooLarge].
type SetDeal struct {
	Product pricing.ProductID `json:"product"`
	Version pricing.VersionID `json:"version,omitzero"` // "": the one paid for last
	Term    pricing.Term      `json:"term,omitzero"`    // zero: likewise
	Price   pricing.Money     `json:"price,omitzero"`   // per period, without taxes that come on top; the zero Money ends the deal
	Periods int               `json:"periods,omitzero"` // 0: for good
	Reason  string            `json:"reason,omitzero"`  // for the books; "": that of [Service.As]
}

// Kind returns "deal".
func (SetDeal) Kind() string { return "deal" }

// Decide implements [Command].
func (c SetDeal) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	sub := d.Application.latest(c.Product)
	if sub == nil || sub.Trial || sub.Status.Over() {
		return Change{}, fmt.Errorf("%w: subscription to %.64q that can be renewed", ErrNotFound, string(c.Product))
	}
	if plain(c.Reason) != c.Reason {
		return Change{}, fmt.Errorf("%w: %.40q isn't plain text of at most %d bytes", ErrInvalid, c.Reason, MaxText)
	}
	if c.Price.IsZero() {
		d.endDeal(sub, c.Reason)
		return d.Change(), nil
	}
	deal, err := c.deal(sub, cat)
	if err != nil {
		return Change{}, err
	}
	deal.Reason = cmp.Or(c.Reason, d.why)
	d.setDeal(sub, deal)
	return d.Change(), d.Application.roomForHoldings()
}

// deal returns the deal that the command agrees.
func (c SetDeal) deal(sub *Subscription, cat *pricing.Catalog) (*Deal, error) {
	deal := &Deal{Version: c.Version, Term: c.Term, Price: c.Price, Left: c.Periods}
	version, term := sub.Last()
	if deal.Version == "" {
		deal.Version = version
	}
	if deal.Term == (pricing.Term{}) {
		deal.Term = term
	}
	if deal.Left == 0 {
		deal.Left = -1
	}
	if c.Price.Sign() < 0 || c.Periods < 0 || c.Periods > maxDeal {
		return nil, fmt.Errorf("%w: %d periods at %s", ErrInvalid, c.Periods, c.Price)
	}
	if _, err := cat.List(c.Product, deal.Version, deal.Term, sub.Currency); err != nil {
		return nil, err
	}
	if c.Price.Currency() != sub.Currency {
		return nil, fmt.Errorf("%w: %s for %s, which is in %s", pricing.ErrCurrencyMismatch, c.Price, sub.ID, sub.Currency)
	}
	if deal.BelowLeast(cat) {
		return nil, fmt.Errorf("%w: %s", pricing.ErrBelowLeast, c.Price)
	}
	return deal, nil
}

// names reports whether there is a deal, and it is for a version and term.
func (d *Deal) names(version pricing.VersionID, term pricing.Term) bool {
	return d != nil && d.Version == version && d.Term == term
}

// price returns the price of a deal by a catalog: what was agreed or, if that has become too small to charge, the least
// amount that can be charged.
func (d *Deal) price(cat *pricing.Catalog) pricing.Money {
	if !d.BelowLeast(cat) {
		return d.Price
	}
	terms := cat.ChargeTerms(d.Price.Currency())
	if terms.Least.IsZero() {
		return terms.Step
	}
	return terms.Least
}

// BelowLeast reports whether the price of a deal is positive and too small to charge by a catalog. If it is, each period
// costs the least amount that can be charged.
func (d *Deal) BelowLeast(cat *pricing.Catalog) bool {
	_, tooSmall, err := chargedOf(d.Price, cat)
	return err == nil && tooSmall || cat.ChargeTerms(d.Price.Currency()).Below(d.Price)
}

// setDeal gives a subscription a deal.
func (d *Draft) setDeal(s *Subscription, deal *Deal) {
	s.Deal = deal
	note := deal.Term.String() + ", "
	switch deal.Left {
	case -1:
		note += "for good"
	case 1:
		note += "1 further period"
	default:
		note += strconv.Itoa(deal.Left) + " further periods"
	}
	if deal.Reason != "" {
		note += ": " + deal.Reason
	}
	d.addSubscriptionEvent(EventDeal, s, d.Now, Event{Version: deal.Version, Amount: deal.Price, Note: note})
}

// endDeal ends the deal of a subscription, if it has one, and says why.
func (d *Draft) endDeal(s *Subscription, why string) {
	if s.Deal == nil {
		return
	}
	ended := s.Deal
	s.Deal = nil
	d.addSubscriptionEvent(EventDealEnded, s, d.Now, Event{Version: ended.Version, Amount: ended.Price, Note: why})
}

// countDeal counts n periods of a deal that were paid for.
func (d *Draft) countDeal(s *Subscription, n int) {
	switch deal := s.Deal; {
	case n == 0 || deal.Left < 0:
	case deal.Left > n:
		deal.Left -= n
	default:
		d.endDeal(s, "all its periods are paid for")
	}
}

const noteOtherTerms = "another version or term"

// BeyondDeal is the price of the last periods of an order that pays for more periods than its deal covers.
type BeyondDeal struct {
	Count int           `json:"count"`          // number of those periods
	Price pricing.Money `json:"price"`          // per period
	Total pricing.Money `json:"total,omitzero"` // per period, including taxes; zero: the same as Price
}

// at returns the price and total of the order's period n, counted from 0.
func (e *ExtendDelivery) at(n int) (price, total pricing.Money) {
	if b := e.Beyond; b != nil && n >= e.Count-b.Count {
		return b.Price, b.Total
	}
	return e.Price, e.Total
}

// costs reports whether a price is that of one of the order's periods.
func (e *ExtendDelivery) costs(price pricing.Money) bool {
	return price == e.Price || e.Beyond != nil && price == e.Beyond.Price
}

// dealt returns how many periods are at the price of a deal.
func (e *ExtendDelivery) dealt() int {
	switch {
	case !e.Dealt:
		return 0
	case e.Beyond != nil:
		return e.Count - e.Beyond.Count
	}
	return e.Count
}

// dealPossible returns why an order must not be placed at the price of a deal, or with one.
func (e *ExtendDelivery) dealPossible(s *Subscription) error {
	if b := e.Beyond; b != nil && (!e.Dealt || b.Count < 1 || b.Count >= e.Count ||
		b.Price.Sign() < 0 || b.Price.Currency() != e.Price.Currency()) {
		return fmt.Errorf("%w: %d periods beyond a deal, at %s", ErrInvalid, b.Count, b.Price)
	}
	if d := e.Deal; d != nil && (!e.Open || e.Trial || d.valid(e.Price.Currency()) != nil) {
		return fmt.Errorf("%w: a deal at %s for what is no new subscription", ErrInvalid, d.Price)
	}
	if !e.Dealt {
		return nil
	}
	if s == nil || !s.Deal.names(e.Version, e.Term) || s.Deal.Left >= 0 && s.Deal.Left < e.dealt() {
		return fmt.Errorf("%w: %s has no deal for %d periods of %s", ErrInvalid, e.Subscription, e.dealt(), e.Version)
	}
	return nil
}

// valid returns why there can't be such a deal.
func (d *Deal) valid(currency pricing.Currency) error {
	if d.Version == "" || d.Term.Validate() != nil || d.Left == 0 || d.Left > maxDeal ||
		d.Price.Sign() < 0 || d.Price.Currency() != currency {
		return fmt.Errorf("%w: a deal of %d periods of %q for %s at %s", ErrInvalid, d.Left, d.Version, d.Term, d.Price)
	}
	return nil
}
