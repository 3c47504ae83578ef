package subscription

// checkSubscriptions checks invariants 2, 3 and 4.
func checkSubscriptions(c *Change, base *Application) error {
	for i := range c.Next.Subscriptions {
		s := &c.Next.Subscriptions[i]
		for j := range i {
			if t := &c.Next.Subscriptions[j]; s.ID == t.ID || s.Product == t.Product && s.Status.Live() && t.Status.Live() {
				return broken(2, "subscriptions %s and %s conflict", s.ID, t.ID)
			}
		}
		was := base.subscription(s.ID)
		if err := checkSteps(c, s.ID, was, s.Status); err != nil {
			return err
		}
		if err := checkService(c, s, was); err != nil {
			return err
		}
		if err := checkPeriods(c, s, was); err != nil {
			return err
		}
	}
	for i := range base.Subscriptions {
		if was := &base.Subscriptions[i]; c.Next.subscription(was.ID) == nil {
			end := lastStatus(c, was)
			if !end.Over() {
				return broken(3, "%s is dropped while %s", was.ID, end)
			}
			if err := checkSteps(c, was.ID, was, end); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSteps follows a subscription's events from its status in base to its status in next.
func checkSteps(c *Change, id SubscriptionID, was *Subscription, want Status) error {
	var status Status
	if was != nil {
		status = was.Status
	}
	for i := range c.Events {
		e := &c.Events[i]
		if e.Subscription != id || e.Status == "" {
			continue
		}
		if e.From != status || !status.CanBecome(e.Status) {
			return broken(3, "%s is %q, but an event changes it from %q to %q", id, status, e.From, e.Status)
		}
		status = e.Status
	}
	if status != want {
		return broken(3, "%s is %q, but %q by its events", id, want, status)
	}
	return nil
}

// lastStatus returns a subscription's status after the events of the change.
func lastStatus(c *Change, was *Subscription) Status {
	status := was.Status
	for i := range c.Events {
		if e := &c.Events[i]; e.Subscription == was.ID && e.Status != "" {
			status = e.Status
		}
	}
	return status
}

// checkService checks the part of invariant 3 about service: only a subscription that has ended goes out of service
// without another status, and it doesn't return to service without one.
func checkService(c *Change, s, was *Subscription) error {
	out := was != nil && was.OutOfService && was.Status == Ended
	for i := range c.Events {
		switch e := &c.Events[i]; {
		case e.Subscription != s.ID:
		case e.Status != "":
			out = false
		case e.Type == EventServiceEnded:
			out = true
		}
	}
	if s.OutOfService != out || out && s.Status != Ended {
		return broken(3, "%s is %s: out of service %t, but %t by its events", s.ID, s.Status, s.OutOfService, out)
	}
	return nil
}
