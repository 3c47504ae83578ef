package subscription

import (
	"context"
	"errors"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// Op says what an [Observation] is about. The list is closed; a new one is added only with a new entry in the changelog.
type Op string

// The operations. Unless the comment says otherwise, Name is empty, and Outcome is [OutcomeOK] or the code of Err.
const (
	// OpCommand is a request by [Service.Do] or [Service.Confirm], from the first load to the last settlement. Name is the
	// kind of the command. An order that isn't paid is an error of it: declined, say.
	OpCommand Op = "command"
	// OpQuote is a [Service.Quote]. Name is the kind of the command.
	OpQuote Op = "quote"
	// OpUsage is a change that counts usage. Calls of [Service.Consume] that came at the same time share one: Calls is
	// their number, and Size that of their records. The context is the first call's, without its end.
	OpUsage Op = "usage"
	// OpSettle is a call of [Service.Collect], [Service.Settle], [Service.Notify] or [Service.Reverse]. Name is the
	// method, in lower case.
	OpSettle Op = "settle"
	// OpGateway is one call of the gateway. Name is charge, lookup, refund or cancel. Outcome is the answer's status, or
	// [OutcomeUnknown] if there is none: the money may have moved. It is [OutcomeInvalidAnswer] if the answer can't be
	// right, and gateway_key_conflict or payment_invalid if the gateway refused the request as such.
	OpGateway Op = "gateway"
	// OpLoad is one call of [Store.Load] that asks for Size applications.
	OpLoad Op = "load"
	// OpCommit is one call of [Store.Commit] with Size changes, of which Conflicts lost to another writer. A service
	// commits one change, and decides it again after a conflict: Tries counts from 1. A worker commits many and has no
	// Tries. In a bound service, the caller's transaction is still open.
	OpCommit Op = "commit"
	// OpOrder follows a commit, once for each step of an order. Name is the order's kind. Outcome is placed, paid,
	// declined, review, canceling, canceled, refunded or unreconciled, or needs_person if something about an order can't
	// be decided without a person.
	OpOrder Op = "order"
	// OpRefund follows a commit, once for each step of a refund. Name is the order's kind. Outcome is due, made, failed,
	// reversed or reinstated.
	OpRefund Op = "refund"
	// OpSetAside is an application with which a worker can't go on. Outcome is failed if the decision failed, and is
	// tried again later; unrecorded if the store refuses to record what the gateway said; clock if its last change is far
	// ahead of this clock; unreadable if the store can't read it.
	OpSetAside Op = "set_aside"
	// OpClaim is a worker's call of the store for at most Limit applications that are due. It got Size of them, the most
	// overdue of which was due for Late. If Size is Limit, more are likely to be due.
	OpClaim Op = "claim"
	// OpRound is a worker's round. It processed Size applications, the most overdue of which was due for Late; Conflicts
	// of its changes lost to another writer.
	OpRound Op = "round"
	// OpHandle is one call of a relay's handler. Name is the relay's.
	OpHandle Op = "handle"
	// OpRelay is a relay's round. Name is the relay's. It handled Size changes, the oldest of which had waited for Late
	// since it got its number; Failed couldn't be handled. Behind is how many numbers it was behind the feed at its end,
	// if Outcome is ok. Outcome is held if another process has the relay.
	OpRelay Op = "relay"
)

// Outcomes that are neither the code of an error, see [CodeOf], nor listed at their [Op].
const (
	OutcomeOK = "ok"
	// OutcomeUnknown: the gateway gave no answer. Nothing is lost: the order waits, and only the same key is tried again.
	OutcomeUnknown = "unknown"
	// OutcomeInvalidAnswer: the gateway's answer can't be right, and is taken for none.
	OutcomeInvalidAnswer = "invalid_answer"
	// OutcomeContext: the caller's context ended before there was a result. It stands for [Internal] then.
	OutcomeContext = "context"
)

// Observation tells [Options.Observe] of an operation that has ended. Fields that an [Op] doesn't list are zero.
//
// Op, Name, Outcome and Reason have few values, and can be the labels of metrics. Never use the others for that: there
// are as many applications, orders and keys as you have customers. A command or an order of your own brings its own Name,
// and an error of your own its own code.
type Observation struct {
	Op      Op
	Name    string
	Outcome string
	Err     error          // nil if it succeeded
	Reason  payment.Reason // of what was declined, failed or reversed; one that package payment doesn't list is payment.Other
	Took    time.Duration  // by a monotonic clock, whatever Options.Now says; 0 for what follows a commit

	Size, Limit, Calls, Tries, Conflicts, Failed int           // see Op
	Behind                                       int64         // see Op
	Late                                         time.Duration // see Op

	Application ApplicationID // if it is one
	Order       OrderID       // if it is one
	Key         string        // of a call of the gateway
}

// observe is what a service tells of its operations. It is nil, and does nothing, if nobody listens.
type observe func(context.Context, Observation)

// began returns when an operation begins, or the zero time if nobody listens.
func (f observe) began() time.Time {
	if f == nil {
		return time.Time{}
	}
	return time.Now() //nolint:forbidigo // how long it takes, not what time it is
}

// ended tells of an operation that began at an instant of began.
func (f observe) ended(ctx context.Context, began time.Time, o Observation) {
	if f == nil {
		return
	}
	if !began.IsZero() {
		o.Took = time.Since(began) //nolint:forbidigo // as above
	}
	if o.Outcome == "" {
		o.Outcome = OutcomeOf(o.Err)
	}
	f(ctx, o)
}

// OutcomeOf returns the outcome of an operation that has none of its own: [OutcomeOK], [OutcomeContext], or the code of the
// error.
func OutcomeOf(err error) string {
	if err == nil {
		return OutcomeOK
	}
	code := CodeOf(err)
	if code == Internal && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return OutcomeContext
	}
	return string(code)
}

// settled tells of a call that settles an order, and passes its results on.
func (s *Service) settled(ctx context.Context, began time.Time, name string, o Order, err error) (Order, error) {
	s.observe.ended(ctx, began, Observation{Op: OpSettle, Name: name, Err: err, Application: o.Application, Order: o.ID})
	return o, err
}

// committed tells of a commit that began at an instant of began, and of the steps that its changes took.
func (f observe) committed(ctx context.Context, began time.Time, try int, err error, changes ...Change) {
	if f == nil {
		return
	}
	o := Observation{Op: OpCommit, Err: err, Size: len(changes), Tries: try}
	conflict, refused := new(ConflictError), new(RefusedError)
	lost := errors.As(err, &conflict)
	if o.Conflicts = len(conflict.Applications); !lost && errors.Is(err, ErrConflict) {
		o.Conflicts = len(changes)
	}
	turned := errors.As(err, &refused)
	if len(changes) == 1 {
		o.Application = changes[0].Application
	}
	f.ended(ctx, began, o)
	if err != nil && !lost && !turned {
		return
	}
	gone := map[ApplicationID]bool{}
	for _, id := range conflict.Applications {
		gone[id] = true
	}
	for _, c := range refused.Changes {
		gone[c.Application] = true
	}
	for i := range changes {
		if !gone[changes[i].Application] {
			f.steps(ctx, &changes[i])
		}
	}
}

// steps tells of the steps that a committed change took.
func (f observe) steps(ctx context.Context, c *Change) {
	for i := range c.Events {
		e := &c.Events[i]
		op, outcome := e.step()
		if op == "" {
			continue
		}
		o := Observation{
			Op: op, Name: string(e.Kind), Outcome: outcome, Reason: known(e.Reason), Application: c.Application, Order: e.Order,
		}
		if op == OpSetAside {
			o.Err = errors.New(e.Note)
		}
		f(ctx, o)
	}
}

// step returns what an observer is told of an event, or "" if it is told nothing.
func (e *Event) step() (Op, string) {
	switch e.Type { //nolint:exhaustive // of the others, nothing is told
	case EventOrderPlaced:
		return OpOrder, "placed"
	case EventOrderPaid:
		return OpOrder, "paid"
	case EventOrderDeclined:
		return OpOrder, "declined"
	case EventOrderReview:
		return OpOrder, "review"
	case EventOrderCanceling:
		return OpOrder, "canceling"
	case EventOrderCanceled:
		return OpOrder, "canceled"
	case EventOrderRefunded:
		return OpOrder, "refunded"
	case EventOrderUnreconciled:
		return OpOrder, "unreconciled"
	case EventNeedsPerson:
		return OpOrder, "needs_person"
	case EventRefundDue:
		return OpRefund, "due"
	case EventRefundMade:
		return OpRefund, "made"
	case EventRefundFailed:
		return OpRefund, "failed"
	case EventReversed:
		return OpRefund, "reversed"
	case EventReinstated:
		return OpRefund, "reinstated"
	case EventDecisionFailed:
		return OpSetAside, "failed"
	}
	return "", ""
}

// known returns a reason that package payment lists, or payment.Other for one of the gateway's own.
func known(r payment.Reason) payment.Reason {
	switch r {
	case "", payment.InsufficientBalance, payment.NoPaymentMethod, payment.ExpiredMethod, payment.LostOrStolen, payment.Suspected,
		payment.NeedsAuthentication, payment.TryLater, payment.Canceled, payment.ExceedsCharge, payment.Mismatch, payment.Other:
		return r
	}
	return payment.Other
}
