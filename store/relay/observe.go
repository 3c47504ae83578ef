package relay

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// began returns when an operation begins, or the zero time if nobody listens.
func (r *Relay) began() time.Time {
	if r.observe == nil {
		return time.Time{}
	}
	return time.Now() //nolint:forbidigo // how long it takes, not what time it is
}

// tell tells of what began at an instant of began.
func (r *Relay) tell(ctx context.Context, began time.Time, o subscription.Observation) {
	if r.observe == nil {
		return
	}
	o.Name, o.Took = r.o.Name, time.Since(began) //nolint:forbidigo // as above
	if o.Outcome == "" {
		o.Outcome = subscription.OutcomeOf(o.Err)
	}
	r.observe(ctx, o)
}

// told tells of a round that has ended.
func (r *Relay) told(ctx context.Context, began time.Time, w *round, err error) {
	o := subscription.Observation{
		Op: subscription.OpRelay, Err: err,
		Size: w.stats.Handled, Failed: w.stats.Failed, Behind: w.stats.Behind, Late: w.oldest,
	}
	if w.stats.Held {
		o.Outcome = "held"
	}
	r.tell(ctx, began, o)
}

// call calls the handler.
func (w *round) call(c store.FeedChange) error {
	began := w.began()
	err := w.o.Handle(w.ctx, c)
	o := subscription.Observation{Op: subscription.OpHandle, Err: err, Application: c.Application}
	switch {
	case err == nil:
	case w.ctx.Err() != nil:
		o.Outcome = subscription.OutcomeContext
	default:
		o.Outcome = "failed"
	}
	w.tell(w.ctx, began, o)
	return err
}
