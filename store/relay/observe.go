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

// told tells of a round that has ended.
func (r *Relay) told(ctx context.Context, began time.Time, w *round, err error) {
	if r.observe == nil {
		return
	}
	o := subscription.Observation{
		Op: subscription.OpRelay, Name: r.o.Name, Outcome: subscription.OutcomeOf(err), Err: err,
		Took: time.Since(began), //nolint:forbidigo // as above
		Size: w.stats.Handled, Failed: w.stats.Failed, Behind: w.stats.Behind, Late: w.oldest,
	}
	if w.stats.Held {
		o.Outcome = "held"
	}
	r.observe(ctx, o)
}

// call calls the handler.
func (w *round) call(c store.FeedChange) error {
	began := w.began()
	err := w.o.Handle(w.ctx, c)
	if w.observe == nil {
		return err
	}
	o := subscription.Observation{
		Op: subscription.OpHandle, Name: w.o.Name, Outcome: subscription.OutcomeOK, Err: err,
		Took: time.Since(began), Application: c.Application, //nolint:forbidigo // as above
	}
	switch {
	case err == nil:
	case w.ctx.Err() != nil:
		o.Outcome = subscription.OutcomeContext
	default:
		o.Outcome = "failed"
	}
	w.observe(w.ctx, o)
	return err
}
