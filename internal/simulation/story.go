package simulation

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// story is a small world whose actions are scripted, for combinations that rarely occur at random. It is brought to
// rest and audited like any other world.
type story struct {
	name     string
	what     string
	retained time.Duration // by the gateway
	restores int
	tell     func(t *teller)
}

// Stories returns the names of the stories with their descriptions.
func Stories() map[string]string {
	names := map[string]string{}
	for _, s := range stories() {
		names[s.name] = s.what
	}
	return names
}

// Tell plays a story, with the defect named by mutant if it isn't empty, and returns the failure, or nil if no promise
// was broken.
func Tell(newStore NewStore, name, mutant string) *Failure {
	for _, s := range stories() {
		if s.name != name {
			continue
		}
		set := settings{
			applications: 2, workers: 2, services: 2, mutant: mutant, zone: "UTC", rich: true, lease: time.Minute,
			start: time.Date(2025, time.March, 10, 12, 0, 0, 0, time.UTC), retained: s.retained, restores: s.restores,
		}
		w, err := newWorld(newStore, set)
		if err != nil {
			return broken(set, err)
		}
		w.tracing = true
		s.tell(&teller{world: w})
		w.finish()
		if len(w.violations) > 0 {
			return &Failure{Violations: w.violations, History: w.history}
		}
		return nil
	}
	return broken(settings{}, fmt.Errorf("simulation: no story %q", name))
}

// teller plays a story: its methods are the actions of stories.
type teller struct {
	*world

	steps int
}

// at advances the time to an instant in UTC, such as "2025-04-10 00:00:30".
func (t *teller) at(when string) {
	now, err := time.Parse(time.DateTime, when)
	if err != nil || now.Before(t.now) {
		t.violatef("simulation", "", "a story that goes back to %s: %v", when, err)
	}
	t.now = now
}

// does performs something as a separate action.
func (t *teller) does(do func()) {
	t.steps++
	t.told = do
	t.act(action{at: t.now.Sub(t.start), kind: tell, seed: uint64(t.steps)})
}

// asks sends a customer's request through a service, or repeats it if its key was used before.
func (t *teller) asks(app, service int, key string, cmd subscription.Command) {
	c := t.customers[app]
	r := &request{key: key, cmd: cmd}
	for _, known := range c.requests {
		if known.key == key {
			r = known
		}
	}
	if r.asked == 0 {
		c.requests = append(c.requests, r)
	}
	t.through(service, func() { c.send(t.world, r) })
}

// through makes one service the only one that isn't busy.
func (t *teller) through(service int, do func()) {
	t.does(func() {
		for i, p := range t.services {
			p.busy = i != service
		}
		do()
		for _, p := range t.services {
			p.busy = false
		}
	})
}

// works runs a worker for one round.
func (t *teller) works(worker int) { t.does(func() { t.work(worker) }) }

// restores puts the store back to its state at a time.
func (t *teller) restores(to string) {
	at, err := time.Parse(time.DateTime, to)
	if err != nil {
		t.violatef("simulation", "", "%v", err)
	}
	t.does(func() { t.putBack(t.now.Sub(at)) })
	t.rest = nil // the story says who repeats a request
}

// The requests of customers in stories.

func live(version pricing.VersionID) subscription.Command {
	return subscription.Purchase{Product: "live", Version: version, Term: pricing.Months(1), Currency: "USD", Agreement: "a-1"}
}

func pack() subscription.Command {
	return topup.Buy{Pack: "any", Quantity: 1, Currency: "USD", Agreement: "a-1"}
}
