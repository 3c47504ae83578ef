package simulation

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// maxSkew is the default of [subscription.Options.MaxSkew], repeated independently.
const maxSkew = 5 * time.Minute

// now returns the process's time, the only one that its service and worker know. In a world whose store has a clock it
// also records whether the two differ too much: a service whose clock is an option doesn't compare it, so the world
// makes the refusal, see [process.refused].
func (p *process) now() time.Time {
	off := p.skew + p.step
	p.wrong = p.world.clocked && !p.world.mutant.believes && (off > maxSkew || off < -maxSkew)
	if !p.stopped.IsZero() {
		return p.stopped
	}
	return p.world.now.Add(off)
}

// refused returns the error with which a service refuses to decide, commit, claim or call the gateway if its clock was
// wrong when it was last compared. Reads go on.
func (p *process) refused(call string) error {
	if !p.wrong || call == "load" {
		return nil
	}
	return fmt.Errorf("%w: it is %s by the store's", subscription.ErrClock, p.world.now.Format(time.RFC3339))
}

// stepClock sets the clock of a process to another time: off by seconds, as when it is synchronized; by minutes and
// hours, within the world's limit; or, if the store has a clock, by years. It runs on from there.
func (w *world) stepClock(i int) {
	all := w.processes()
	p := all[i%len(all)]
	rng := rand.New(rand.NewPCG(w.current.seed, 3))
	most := 5 * time.Minute
	switch n := rng.IntN(10); {
	case n < 3 && w.clocked:
		most = 10 * 365 * day
		w.figures.Years++
	case n < 7:
		most = w.astray
	}
	p.step = time.Duration(rng.Int64N(int64(2*most))) - most
	p.steps++
	w.figures.Steps++
	w.tracef("  the clock of %s is off by %s", p.name, p.skew+p.step)
}

// setClock corrects the clock of a process, up to its usual skew.
func (w *world) setClock(i int) {
	all := w.processes()
	p := all[i%len(all)]
	if p.step != 0 {
		p.step = 0
		p.steps++
		w.tracef("  the clock of %s is right again", p.name)
	}
}
