package subscription

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// Collector is for authors of workers. It does in batches what the service does for a single request: it asks the
// gateway and settles the answers. A host calls [Service.Collect] instead.
type Collector struct{ service *Service }

// Collector returns the service's collector.
func (s *Service) Collector() Collector { return Collector{s} }

// Now returns the instant at which to make a decision about an application: the clock's time or, if the clock is
// slightly behind it, the instant of the application's last change. It is in UTC and in whole microseconds, which
// every store keeps.
//
// It fails with [ErrClock] if the application's last change is more than [Options.MaxSkew] ahead of the clock. For a
// service that uses the machine's clock, it also fails with ErrClock if that clock and the store's differ by more.
func (c Collector) Now(ctx context.Context, app Application) (time.Time, error) {
	return c.service.instant(ctx, app)
}

// Clock returns what the service's clock shows, right or wrong, to date what nothing depends on. Decisions are made at
// [Collector.Now].
func (c Collector) Clock() time.Time { return c.service.opts.Now().UTC().Truncate(time.Microsecond) }

// Observe tells the service's observer and logger of an operation of the worker's own. If it began at an instant of
// [Collector.Began], Took follows from that; an empty Outcome follows from Err. It does nothing if nobody listens.
func (c Collector) Observe(ctx context.Context, began time.Time, o Observation) {
	c.service.observe.ended(ctx, began, o)
}

// ObserveCommit tells the service's observer and logger of a commit of the worker's own, with its error, and of the steps
// that the changes took which it applied. It does nothing if nobody listens.
func (c Collector) ObserveCommit(ctx context.Context, began time.Time, err error, changes ...Change) {
	c.service.observe.committed(ctx, began, 0, err, changes...)
}

// Began returns when an operation begins, for [Collector.Observe], or the zero time if nobody listens. It isn't an instant
// of the service's clock.
func (c Collector) Began() time.Time { return c.service.observe.began() }

// Ask asks the gateway about an order and commits nothing. What it does depends on the order:
//
//   - for an open order, it looks up the charge, and requests it if that is safe;
//   - for a canceled order, it has the charge canceled if the gateway is a [payment.Canceler], or else only looks it up;
//   - for an order to be refunded as a whole, from before refunds were rows, it requests the refund.
//
// fresh means that nobody can have asked about the order before. An error means that the outcome is unknown. Pass the
// answer to [Settle]. NotFound means that asking is unsafe or pointless: the gateway may have forgotten the key,
// knows it with different content, still gives impossible answers or can't carry out the request when the order is a day
// old, or doesn't know the charge of a refund that has been due for 30 days.
//
// If the gateway doesn't remember keys forever, Ask looks up the charge before requesting it, even for a fresh order:
// a store restored from a backup asks again with keys that the gateway may know.
//
// Ask fails with [ErrInvalid] for an order that there is nothing to ask about, and in a bound service. It also fails
// with [ErrClock].
func (c Collector) Ask(ctx context.Context, o Order, fresh bool) (payment.Result, error) {
	return c.service.ask(ctx, o, fresh)
}

// AskRefund asks the gateway for a refund that is due, and commits nothing. An error means that the outcome is unknown.
// Pass the answer to [Collector.Settle], with the refund's order. NotFound means that asking is unsafe or pointless, as
// for [Collector.Ask]. AskRefund fails with [ErrInvalid] for a refund that the gateway isn't to be asked for, and in a
// bound service. It also fails with [ErrClock].
func (c Collector) AskRefund(ctx context.Context, r Refund) (payment.Result, error) {
	return c.service.askRefund(ctx, r)
}

// LookUp looks up the charge of an open order and requests nothing. Use it when it isn't known whether the order
// could be settled. If the gateway has no record of the charge, that is no answer, and LookUp returns Pending.
func (c Collector) LookUp(ctx context.Context, o Order) (payment.Result, error) {
	return c.service.lookUp(ctx, o)
}

// Settle commits the effect of the gateway's answer to [Collector.Ask] on an order, see [Settle], and returns the
// updated order. A gateway's answer must not get lost:
//
//   - The caller's cancellation doesn't reach the store.
//   - If the answer can't be applied, the order goes under review, with the amount collected.
//   - If the store's host refuses the change with [ErrRefused], which may be temporary, the order stays as it is for
//     a day, and the gateway is asked again.
func (c Collector) Settle(ctx context.Context, app ApplicationID, id OrderID, r payment.Result) (Order, error) {
	return c.service.resolve(ctx, app, id, r)
}
