package simulation

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// maxSkew is the default of [subscription.Options.MaxSkew], written down a second time.
const maxSkew = 5 * time.Minute

// now is the process's clock, which is all that its service and its worker know of the time. In a world whose store
// has a clock it also notes whether the two are too far apart: a service whose clock is given compares it with none,
// so that the refusal is the world's, see [process.refused].
func (p *process) now() time.Time {
	off := p.skew + p.step
	p.wrong = p.world.clocked && !p.world.mutant.believes && (off > maxSkew || off < -maxSkew)
	if !p.stopped.IsZero() {
		return p.stopped
	}
	return p.world.now.Add(off)
}

// refused is what a service fails with instead of deciding, committing, claiming or asking the gateway, where its last
// look at its clock showed that it is wrong. Reads go on.
func (p *process) refused(call string) error {
	if !p.wrong || call == "load" {
		return nil
	}
	return fmt.Errorf("%w: it is %s by the store's", subscription.ErrClock, p.world.now.Format(time.RFC3339))
}

// stepClock sets the clock of a process to another time: by seconds, as when it is synchronized; by minutes and hours,
// as far as the world allows; and, where the store has a clock, by years. It goes on from there.
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

// setClock sets the clock of a process right, as far as it ever is.
func (w *world) setClock(i int) {
	all := w.processes()
	p := all[i%len(all)]
	if p.step != 0 {
		p.step = 0
		p.steps++
		w.tracef("  the clock of %s is right again", p.name)
	}
}
