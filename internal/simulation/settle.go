package simulation

import (
	"context"
	"time"
)

// settle brings the world to rest: faults stop, the gateway decides what it deferred, workers run, notifications
// arrive, customers repeat requests without a final answer, and people decide what is left to them.
func (w *world) settle() {
	w.lastCrash()
	w.tracef("the world comes to rest")
	w.healthy = true
	w.doomed = doom{}
	for i := range w.processes() {
		w.setClock(i)
		w.changeCatalog(i, w.newest)
	}
	if err := w.gateway.Settle(context.Background()); err != nil {
		w.violatef("simulation", "", "%v", err)
	}
	pauses := []time.Duration{
		time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 7 * time.Hour, 11 * time.Hour, 6 * time.Hour, time.Hour,
		12 * time.Hour, day, 3 * time.Hour, day,
	}
	for i, pause := range pauses {
		w.passes(pause, deliverMail, i)
		for n := range w.workers {
			w.passes(0, work, n)
		}
		for _, c := range w.customers {
			c.unanswered(w)
			for _, r := range c.requests {
				if !r.final {
					c.send(w, r)
				}
			}
		}
		if i%3 == 2 {
			w.passes(0, operate, i)
		}
	}
	// The processes' clocks differ: what the last of them made due is due for all of them a little later.
	for range 3 {
		for n := range w.workers {
			w.passes(10*time.Minute, work, n)
		}
	}
	w.handBack()
}

// lastCrash crashes a worker that has claimed everything due: its leases expire, and others do the work.
func (w *world) lastCrash() {
	if w.crashes == 0 {
		return
	}
	w.told = func() {
		w.doomed = doom{armed: true, late: true} // after the claim
		w.work(0)
	}
	w.passes(12*time.Hour, tell, 0)
}

// passes lets time pass and then performs an action.
func (w *world) passes(pause time.Duration, k kind, which int) {
	w.now = w.now.Add(pause)
	w.act(action{at: w.now.Sub(w.start), kind: k, which: which, seed: uint64(which)})
}
