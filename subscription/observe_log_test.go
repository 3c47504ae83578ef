package subscription_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/subscription"
)

// text returns a logger of lines without time, at the given level.
func text(to *bytes.Buffer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "took" {
			return slog.Attr{}
		}
		return a
	}}))
}

// The level says who has to do something, and the attributes are those that are documented.
// Rule: log-levels.
func TestLogLevelsAndAttributes(t *testing.T) {
	for _, test := range []struct {
		o    subscription.Observation
		want string
	}{
		{subscription.Observation{Op: "command", Name: "purchase", Outcome: "ok", Application: "chat", Order: "o-1"},
			`DEBUG msg=prepaid op=command name=purchase outcome=ok application=chat order=o-1`},
		{subscription.Observation{Op: "command", Name: "purchase", Outcome: "declined", Reason: payment.ExpiredMethod, Err: errProvider},
			`DEBUG msg=prepaid op=command name=purchase outcome=declined reason=expired_method`},
		{subscription.Observation{Op: "quote", Name: "upgrade", Outcome: "not_found", Err: errProvider},
			`DEBUG msg=prepaid op=quote name=upgrade outcome=not_found error="HTTP 500"`},
		{subscription.Observation{Op: "gateway", Name: "charge", Outcome: "unknown", Err: errProvider, Key: "s/chat/o-1"},
			`WARN msg=prepaid op=gateway name=charge outcome=unknown key=s/chat/o-1`},
		{subscription.Observation{Op: "gateway", Name: "lookup", Outcome: "invalid_answer", Err: errProvider},
			`WARN msg=prepaid op=gateway name=lookup outcome=invalid_answer`},
		{subscription.Observation{Op: "order", Name: "renewal", Outcome: "review", Application: "chat", Order: "o-1"},
			`WARN msg=prepaid op=order name=renewal outcome=review application=chat order=o-1`},
		{subscription.Observation{Op: "order", Name: "renewal", Outcome: "needs_person"},
			`WARN msg=prepaid op=order name=renewal outcome=needs_person`},
		{subscription.Observation{Op: "refund", Name: "purchase", Outcome: "failed"},
			`WARN msg=prepaid op=refund name=purchase outcome=failed`},
		{subscription.Observation{Op: "refund", Name: "purchase", Outcome: "reversed"},
			`WARN msg=prepaid op=refund name=purchase outcome=reversed`},
		{subscription.Observation{Op: "commit", Outcome: "internal", Err: errProvider, Size: 1000, Tries: 1},
			`ERROR msg=prepaid op=commit outcome=internal size=1000 tries=1 error="HTTP 500"`},
		{subscription.Observation{Op: "commit", Outcome: "conflict", Size: 3, Conflicts: 2},
			`DEBUG msg=prepaid op=commit outcome=conflict size=3 conflicts=2`},
		{subscription.Observation{Op: "command", Name: "purchase", Outcome: "conflict"},
			`ERROR msg=prepaid op=command name=purchase outcome=conflict`},
		{subscription.Observation{Op: "command", Name: "purchase", Outcome: "context"},
			`DEBUG msg=prepaid op=command name=purchase outcome=context`},
		{subscription.Observation{Op: "set_aside", Outcome: "failed", Err: errProvider, Application: "chat"},
			`ERROR msg=prepaid op=set_aside outcome=failed application=chat error="HTTP 500"`},
		{subscription.Observation{Op: "claim", Outcome: "ok", Size: 10, Limit: 10, Late: time.Minute},
			`DEBUG msg=prepaid op=claim outcome=ok size=10 limit=10 late=1m0s`},
		{subscription.Observation{Op: "round", Outcome: "clock", Err: errProvider},
			`ERROR msg=prepaid op=round outcome=clock error="HTTP 500"`},
		{subscription.Observation{Op: "handle", Name: "mails", Outcome: "failed", Err: errProvider},
			`ERROR msg=prepaid op=handle name=mails outcome=failed error="HTTP 500"`},
		{subscription.Observation{Op: "relay", Name: "mails", Outcome: "ok", Failed: 1, Behind: 7, Calls: 2},
			`DEBUG msg=prepaid op=relay name=mails outcome=ok calls=2 failed=1 behind=7`},
	} {
		var got bytes.Buffer
		subscription.LogTo(text(&got, slog.LevelDebug))(t.Context(), test.o)
		if diff := cmp.Diff("level="+test.want+"\n", got.String()); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.o, diff)
		}
	}
}

// A logger that doesn't want debug records gets what somebody has to look into.
// Rule: log-levels.
func TestLoggerOfAService(t *testing.T) {
	var got bytes.Buffer
	w := newWorld(t, setup{
		options: subscription.Options{Logger: text(&got, slog.LevelInfo)},
		gateway: answers(func(r *payment.Result) { r.Amount = money(t, "1.00 USD") }, nil),
	})
	w.fails(subscription.ErrReview, buy("call", "one-to-one"))
	id := w.stored().Orders[0].ID
	want := fmt.Sprintf("level=WARN msg=prepaid op=order name=purchase outcome=review application=%s order=%s\n"+
		"level=WARN msg=prepaid op=command name=purchase outcome=review application=%s order=%s\n", app, id, app, id)
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// Whatever a gateway says, where it isn't meant to be said: nothing of it is logged but its outcome.
// Rule: log-tells-no-secret.
func TestLogTellsNoSecret(t *testing.T) {
	const secret = "pi_3PsecretXYZ"
	says := func(err error) error {
		return fmt.Errorf("POST https://provider.example/?client_secret=%s: %w", secret, err)
	}
	broken := errors.New("broken")
	for _, test := range []struct {
		name   string
		answer func(key string) (payment.Result, error)
	}{
		{"an action", func(key string) (payment.Result, error) {
			return payment.Result{Key: key, Status: payment.Pending, Action: payment.Action{Kind: payment.ActionSecret, Value: secret}}, nil
		}},
		{"an error", func(string) (payment.Result, error) { return payment.Result{}, says(broken) }},
		{"an error with a code", func(string) (payment.Result, error) { return payment.Result{}, says(subscription.ErrNotFound) }},
		{"a malformed request", func(string) (payment.Result, error) { return payment.Result{}, says(payment.ErrInvalid) }},
		{"a key conflict", func(string) (payment.Result, error) { return payment.Result{}, says(payment.ErrKeyConflict) }},
		{"a deadline", func(string) (payment.Result, error) { return payment.Result{}, says(context.DeadlineExceeded) }},
		{"a reason", func(key string) (payment.Result, error) {
			return payment.Result{Key: key, Status: payment.Declined, Reason: secret}, nil
		}},
		{"a reference", func(key string) (payment.Result, error) {
			return payment.Result{Key: key, Status: payment.Pending, Reference: secret}, nil
		}},
		{"a status", func(key string) (payment.Result, error) { return payment.Result{Key: key, Status: secret}, nil }},
		{"another key", func(string) (payment.Result, error) {
			return payment.Result{Key: secret, Status: payment.Declined, Reason: payment.Other}, nil
		}},
		{"an action with another status", func(key string) (payment.Result, error) {
			return payment.Result{
				Key: key, Status: payment.Declined, Reason: payment.Other,
				Action: payment.Action{Kind: payment.ActionSecret, Value: secret},
			}, nil
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			w := newWorld(t, setup{
				options: subscription.Options{Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))},
				gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
					return &gatewayFuncs{
						Gateway:  behind,
						OnCharge: func(_ context.Context, c payment.Charge) (payment.Result, error) { return test.answer(c.Key) },
						OnLookup: func(_ context.Context, key string) (payment.Result, error) { return test.answer(key) },
					}
				},
			})
			out, _ := w.do(buy("call", "one-to-one"))
			_, _ = w.Collect(t.Context(), app, out.Order.ID)
			_, _ = w.Notify(t.Context(), out.Order.Attempt)
			w.now = w.now.Add(48 * time.Hour) // answers that can't be right are believed no more
			_, _ = w.Collect(t.Context(), app, out.Order.ID)
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log has the secret:\n%s", log.String())
			}
			if !strings.Contains(log.String(), `"op":"gateway"`) {
				t.Errorf("the log has no call of the gateway:\n%s", log.String())
			}
		})
	}
}
