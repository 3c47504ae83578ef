package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// ChangeAccount has another account pay for the application from now on. It is for staff, or for a host that has checked
// that both accounts agree: whoever names the account spends from it.
//
// Orders that were placed and refunds of them keep the account that they were placed with: money goes back to whoever paid
// it. Auto-renewals and automatic top-ups go on, with the new account, and so do the application's share in the limits of
// trials and offers. Usage of days that still take records is billed to the new account. Automatic attempts that a decline
// had stopped go on.
//
// It fails with [ErrNotFound], with [ErrInvalid] for an account ID that isn't valid, with [ErrOrderOpen] while an order
// is unresolved or a refund is due, with [ErrArrears] while usage of a closed day is owed, and with [ErrClosed]. It has
// nothing to do if the account pays already.
type ChangeAccount struct {
	Account AccountID `json:"account"`
}

// Kind returns "change_account".
func (ChangeAccount) Kind() string { return "change_account" }

// Decide implements [Command].
func (c ChangeAccount) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if err := checkNewID("account ID", c.Account); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	a := &d.Application
	if a.Account == c.Account {
		return Change{}, nil
	}
	if err := a.settled(); err != nil {
		return Change{}, err
	}
	for i := range a.Counters {
		if u := &a.Counters[i]; u.Excess > 0 && !d.Now.Before(closes(cat.Zone(), u.Day, cat.ServiceTerms())) {
			return Change{}, fmt.Errorf("%w: usage of %s", ErrArrears, u.Day)
		}
	}
	a.Account = c.Account
	d.resumeAttempts()
	d.resumeTopUps()
	if err := a.roomForRest(); err != nil {
		return Change{}, err
	}
	d.AddEvent(Event{Type: EventAccountChanged, Note: string(c.Account)})
	return d.Change(), nil
}

// settled fails with [ErrOrderOpen], which names an order, unless all orders and refunds are resolved.
func (a *Application) settled() error {
	switch {
	case len(a.Orders) > 0:
		return fmt.Errorf("%w: %s is %s", ErrOrderOpen, a.Orders[0].ID, a.Orders[0].Status)
	case len(a.Refunds) > 0:
		return fmt.Errorf("%w: refund %d of order %s is due", ErrOrderOpen, a.Refunds[0].Number, a.Refunds[0].Order)
	}
	return nil
}
