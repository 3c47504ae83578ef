package subscription

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// Collector is what the author of a worker uses of a service, to do in batches what the service does for one request: it
// asks the gateway and settles what that says. A host calls [Service.Collect] instead.
type Collector struct{ service *Service }

// Collector returns the service's collector.
func (s *Service) Collector() Collector { return Collector{s} }

// Now returns the instant at which a decision about an application is made now: the clock's, or that of the application's
// last change if the clock is a little behind it. It is in UTC and whole microseconds, which every store keeps.
//
// It fails with [ErrClock] if the application's last change is more than [Options.MaxSkew] ahead of the clock, or, for a
// service that goes by the machine's clock, if that and the store's differ by more.
func (c Collector) Now(ctx context.Context, app Application) (time.Time, error) {
	return c.service.instant(ctx, app)
}

// Ask asks the gateway about an order, and commits nothing: about an open one, what became of its charge,
// asking for it if that is safe; about a canceled one, what became of its charge, and no more; about one
// whose refund is due, for the refund. fresh says that nobody can have asked about the order before. An
// error means that the outcome is unknown; the answer is for [Settle]. NotFound means that asking is not safe or
// has no point any more: the gateway may have forgotten the key, knows it with another content, still gives an answer
// that can't be right when the order is a day old, or doesn't know the charge of a refund that has been due for 30 days.
//
// A gateway that doesn't remember keys for ever is looked at before any charge, also of a fresh order: a store that was
// restored from a backup asks again with keys that the gateway may know.
//
// It fails with [ErrInvalid] for an order that nothing is asked about, and within a bound service, and with [ErrClock].
func (c Collector) Ask(ctx context.Context, o Order, fresh bool) (payment.Result, error) {
	return c.service.ask(ctx, o, fresh)
}

// LookUp looks up what became of the charge of an open order, and asks for nothing, where it is not known whether the order
// could be settled. That there is no record of it is no answer: Pending.
func (c Collector) LookUp(ctx context.Context, o Order) (payment.Result, error) {
	return c.service.lookUp(ctx, o)
}

// Settle commits what the gateway's answer to [Collector.Ask] does to an order, see [Settle], and returns
// the order as it is then. What a gateway said must not be lost because the caller went away, so that the
// caller's cancellation doesn't reach the store; nor because it can't be applied: then the order goes under review, with
// what was collected. For a day it stays as it is where the store's host refuses the change, with [ErrRefused], which may
// pass: the gateway is asked again then.
func (c Collector) Settle(ctx context.Context, app ApplicationID, id OrderID, r payment.Result) (Order, error) {
	return c.service.resolve(ctx, app, id, r)
}
