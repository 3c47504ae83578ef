package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// FreeClaim is a claimed grant of free minutes, on the terms at the time of the claim.
type FreeClaim struct {
	ID       pricing.FreeGrantID `json:"id"`
	Products []pricing.ProductID `json:"products"`
	Minutes  int64               `json:"minutes"` // per cycle
	Anchor   pricing.Anchor      `json:"anchor"`  // the day of the claim, with a term of one month
	Zone     string              `json:"zone"`
	Cycles   int                 `json:"cycles"`
	Begun    int                 `json:"begun"`         // how many cycles have begun
	NextAt   time.Time           `json:"next,omitzero"` // when the next one begins; zero after the last
}

// ClaimFree claims a grant of free minutes for the application. The minutes are granted in each of a number of cycles
// counted from today. It fails with [ErrNotFound], [pricing.ErrUnknownFree], [ErrTooLarge], and with [ErrExists] if
// the grant was claimed before.
type ClaimFree struct {
	Free pricing.FreeGrantID `json:"free"`
}

// Kind returns "claim_free".
func (ClaimFree) Kind() string { return "claim_free" }

// Decide implements [Command].
func (c ClaimFree) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	free, err := cat.FreeGrant(c.Free)
	if err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	a := &d.Application
	if slices.ContainsFunc(a.Free, func(f FreeClaim) bool { return f.ID == c.Free }) {
		return Change{}, fmt.Errorf("%w: free minutes %s have already been claimed", ErrExists, c.Free)
	}
	zone := cat.Zone()
	a.Free = append(a.Free, FreeClaim{
		ID: free.ID, Products: free.Products, Minutes: free.Minutes, Cycles: free.Cycles, Zone: zone.Name(),
		Anchor: pricing.Anchor{Date: zone.DateOf(d.Now), Term: pricing.Months(1)},
	})
	d.AddEvent(Event{Type: EventFreeClaimed, Note: string(c.Free)})
	if err := d.beginFree(len(a.Free)-1, zone, d.Now); err != nil {
		return Change{}, err
	}
	if err := a.roomForRest(); err != nil {
		return Change{}, err
	}
	return d.Change(), nil
}

// beginFree grants the next cycle of a claim.
func (d *Draft) beginFree(i int, zone pricing.Zone, at time.Time) error {
	f := &d.Application.Free[i]
	period, err := f.Anchor.Period(f.Begun, zone)
	if err != nil {
		return err
	}
	if f.NextAt.Before(period.End) && !f.NextAt.IsZero() {
		period.Start = f.NextAt // the recorded end of the previous cycle
	}
	f.Begun++
	f.NextAt = time.Time{}
	if f.Begun < f.Cycles {
		f.NextAt = period.End
	}
	d.grant(Lot{
		Source: FromFree, Products: slices.Clone(f.Products), Free: f.ID, Period: period, Granted: Minutes(f.Minutes),
	}, at)
	return nil
}
