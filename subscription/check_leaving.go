package subscription

import "fmt"

// checkLeaving checks the part of invariant 6 about the account, and about applications that are closed or erased.
func checkLeaving(c *Change, base *Application) error {
	next := &c.Next
	closes, erases := base.ClosedAt.IsZero() && !next.ClosedAt.IsZero(), base.ErasedAt.IsZero() && !next.ErasedAt.IsZero()
	unresolved := len(base.Orders)+len(base.Refunds)+len(next.Orders)+len(next.Refunds) > 0
	switch {
	case !base.ClosedAt.IsZero() && !next.ClosedAt.Equal(base.ClosedAt), !base.ErasedAt.IsZero() && !next.ErasedAt.Equal(base.ErasedAt):
		return broken(6, "application %s is opened again", named(c.Application))
	case closes != c.tells(EventClosed), erases != c.tells(EventErased), c.tells(EventAccountChanged) && next.Account == base.Account:
		return broken(6, "application %s is closed, erased or moved without its event, or the reverse", named(c.Application))
	case (closes || erases || c.tells(EventAccountChanged)) && unresolved:
		return broken(6, "application %s is closed, erased or moved while something is unresolved", named(c.Application))
	case base.Revision > 0 && next.Account != base.Account && !erases && !c.tells(EventAccountChanged),
		c.tells(EventAccountChanged) && checkNewID("account ID", next.Account) != nil:
		return broken(6, "account %q becomes %q", base.Account, next.Account)
	case closes && next.closedSince(base) != nil:
		return broken(6, "application %s is closed: %v", named(c.Application), next.closedSince(base))
	}
	if !base.ClosedAt.IsZero() {
		if err := checkClosedApplication(c, base); err != nil {
			return err
		}
	}
	return checkErased(c, base)
}

// closedSince returns what keeps an application from being closed now, though it says that it is.
func (a *Application) closedSince(base *Application) error {
	left := *a
	left.ClosedAt = base.ClosedAt
	if err := left.closable(); err != nil {
		return err
	}
	for i := range a.Subscriptions {
		if s := &a.Subscriptions[i]; s.AutoRenew {
			return fmt.Errorf("%s renews automatically", s.ID)
		}
	}
	return nil
}

// checkClosedApplication checks that nothing is sold to a closed application or counted for it.
func checkClosedApplication(c *Change, base *Application) error {
	refuse := func(what string) error {
		return broken(6, "%s, and application %s is closed", what, named(c.Application))
	}
	switch {
	case c.tells(EventOrderPlaced):
		return refuse("an order is placed")
	case len(c.Records) > 0:
		return refuse("usage is counted")
	case len(c.Next.Reservations) > len(base.Reservations):
		return refuse("minutes are reserved")
	case len(c.Next.Free) > len(base.Free), len(c.Next.AutoTopUps) > len(base.AutoTopUps):
		return refuse("minutes are promised")
	case base.PayAsYouGo.Since.IsZero() && !c.Next.PayAsYouGo.Since.IsZero():
		return refuse("pay-as-you-go is turned on")
	}
	for i := range c.Next.Subscriptions {
		if s := &c.Next.Subscriptions[i]; s.AutoRenew || base.subscription(s.ID) == nil {
			return refuse(string(s.ID) + " is new or renews automatically")
		}
	}
	return nil
}

// checkErased checks the part of invariant 6 about an erased application.
func checkErased(c *Change, base *Application) error {
	next := &c.Next
	if next.ErasedAt.IsZero() {
		return nil
	}
	refuse := func(what string) error {
		return broken(6, "%s, and application %s is erased", what, named(c.Application))
	}
	switch {
	case base.ClosedAt.IsZero():
		return refuse("it wasn't closed")
	case next.Account != "" || next.Tax != nil:
		return refuse("it has an account or tax facts")
	}
	for i := range next.Subscriptions {
		if s := &next.Subscriptions[i]; s.Deal != nil && s.Deal.Reason != "" {
			return refuse("the deal of " + string(s.ID) + " has a reason")
		}
	}
	for i := range c.Orders {
		if o := &c.Orders[i]; o.Account != "" || o.Note != "" || o.Reference != "" || o.Action != nil {
			return refuse("order " + string(o.ID) + " has an account, a note or a reference")
		}
	}
	for i := range c.Refunds {
		if r := &c.Refunds[i]; r.Account != "" || r.Note != "" || r.Reference != "" || r.By != "" {
			return refuse("a refund of order " + string(r.Order) + " has an account, a note or a reference")
		}
	}
	for i := range c.Events {
		if e := &c.Events[i]; *e != e.forgotten() {
			return refuse("an event has a note or a name")
		}
	}
	return nil
}
