package subscription

import (
	"context"
	"log/slog"
	"time"
)

// Observers returns one function that calls all of those that aren't nil, in that order, or nil if there are none. It
// combines functions for [Options.Observe].
func Observers(all ...func(context.Context, Observation)) func(context.Context, Observation) {
	var some []func(context.Context, Observation)
	for _, f := range all {
		if f != nil {
			some = append(some, f)
		}
	}
	switch len(some) {
	case 0:
		return nil
	case 1:
		return some[0]
	}
	return func(ctx context.Context, o Observation) {
		for _, f := range some {
			f(ctx, o)
		}
	}
}

// LogTo returns what [Options.Logger] does with observations, or nil if l is nil: a record for each, with the message
// "prepaid" and these attributes, of which those that are zero are left out.
//
//	op, name, outcome, reason, took, size, limit, calls, tries, conflicts,
//	failed, behind, late, application, order, key, error
//
// The level is
//
//   - Warn for what people or providers have to look into: unknown outcomes and answers of the gateway that can't be right,
//     orders under review, refunds that failed, money that the payer's bank took back;
//   - Error for failures: of the store, of a clock, of decisions, of rounds, of a relay's handler;
//   - Debug for the rest, what was refused for a reason of the customer's included.
//
// No payment.Action is ever logged, nor the text of an error that may be a gateway's, since a provider's client may put a
// credential there: of a gateway's call, a command and a settlement only the outcome is logged. The caller has the error,
// and a failure of the store is logged with the text of its own operation.
func LogTo(l *slog.Logger) func(context.Context, Observation) {
	if l == nil {
		return nil
	}
	return func(ctx context.Context, o Observation) {
		level := o.level()
		if !l.Enabled(ctx, level) {
			return
		}
		l.LogAttrs(ctx, level, "prepaid", o.attrs()...)
	}
}

func (o *Observation) attrs() []slog.Attr {
	all := make([]slog.Attr, 0, 16)
	text := func(key, value string) {
		if value != "" {
			all = append(all, slog.String(key, value))
		}
	}
	number := func(key string, value int64) {
		if value != 0 {
			all = append(all, slog.Int64(key, value))
		}
	}
	duration := func(key string, value time.Duration) {
		if value != 0 {
			all = append(all, slog.Duration(key, value))
		}
	}
	text("op", string(o.Op))
	text("name", o.Name)
	text("outcome", o.Outcome)
	text("reason", string(o.Reason))
	duration("took", o.Took)
	number("size", int64(o.Size))
	number("limit", int64(o.Limit))
	number("calls", int64(o.Calls))
	number("tries", int64(o.Tries))
	number("conflicts", int64(o.Conflicts))
	number("failed", int64(o.Failed))
	number("behind", o.Behind)
	duration("late", o.Late)
	if o.Application != "" {
		text("application", named(o.Application))
	}
	text("order", string(o.Order))
	text("key", o.Key)
	if o.Err != nil && !o.asks() {
		text("error", o.Err.Error())
	}
	return all
}

// asks reports whether the operation calls a gateway, so that the text of its error may be the gateway's.
func (o *Observation) asks() bool { return o.Op == OpGateway || o.Op == OpCommand || o.Op == OpSettle }

func (o *Observation) level() slog.Level {
	switch o.Outcome {
	case OutcomeOK, OutcomeContext:
		return slog.LevelDebug
	case OutcomeUnknown, OutcomeInvalidAnswer, "gateway_key_conflict", "payment_invalid", "review", "unreconciled", "needs_person",
		"reversed":
		return slog.LevelWarn
	case string(Internal), "invariant", "clock", "refused_by_store", "unrecorded", "unreadable", "cursor":
		return slog.LevelError
	case "conflict":
		if o.Op != OpCommit { // given up; a commit is decided again
			return slog.LevelError
		}
	case "failed":
		if o.Op == OpRefund {
			return slog.LevelWarn
		}
		return slog.LevelError
	}
	return slog.LevelDebug
}
