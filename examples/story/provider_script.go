package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/prepaidkit/prepaid/payment"
)

// call is a kind of call to the provider.
type call string

const (
	onCharge call = "charge"
	onLookup call = "lookup"
	onRefund call = "refund"
)

// answer is how the provider answers, whatever the truth.
type answer string

const (
	normal        answer = "normal"
	decline       answer = "decline"
	pending       answer = "pending"
	timeoutBefore answer = "timeout_before"
	timeoutAfter  answer = "timeout_after"
	notFound      answer = "not_found"
)

// answers returns the calls that each answer can be given to.
func answers() map[answer][]call {
	every := []call{onCharge, onLookup, onRefund}
	return map[answer][]call{
		normal: every, decline: every, pending: every, timeoutBefore: every, timeoutAfter: every, notFound: {onLookup},
	}
}

// scripted is the answer to the next calls of a kind.
type scripted struct {
	on      call
	account string // "": any account
	answer  answer
	reason  payment.Reason
	action  payment.Action // of a pending answer
	calls   int            // number of calls; less than 0: all
}

func (a *scripted) validate() error {
	on, ok := answers()[a.answer]
	if !ok {
		return badStep("answer: %.64q is none of %v", a.answer, slices.Sorted(maps.Keys(answers())))
	}
	if !slices.Contains(on, a.on) {
		return badStep("on: %.64q has no answer %q, which is for %v", a.on, a.answer, on)
	}
	if a.action.IsZero() {
		return nil
	}
	if a.answer != pending || a.on == onRefund {
		return badStep("action: only a charge that is pending has one")
	}
	return at("action", a.action.Validate())
}

// put queues an answer. A normal answer for all calls clears the queue for its calls.
func (p *provider) put(a *scripted) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.answer != normal || a.calls >= 0 {
		p.script = append(p.script, a)
		return
	}
	p.script = slices.DeleteFunc(p.script, func(b *scripted) bool {
		return b.on == a.on && (a.account == "" || b.account == a.account)
	})
}

// next returns the answer to a call: the first one in the queue that applies to it.
func (p *provider) next(on call, account string) scripted {
	i := slices.IndexFunc(p.script, func(a *scripted) bool {
		return a.on == on && (a.account == "" || a.account == account)
	})
	if i < 0 {
		return scripted{on: on, answer: normal}
	}
	a := p.script[i]
	a.calls--
	if a.calls == 0 {
		p.script = slices.Delete(p.script, i, i+1)
	}
	return *a
}

// begin returns the script's result for a new key. If it has no status, the provider decides.
func (a *scripted) begin(key string) payment.Result {
	r := payment.Result{Key: key}
	switch a.answer { //nolint:exhaustive // for the others, the provider decides
	case decline:
		r.Status, r.Reason = payment.Declined, a.reason
	case pending:
		r.Status, r.Action = payment.Pending, a.action
	}
	return r
}

// hear returns what the caller hears about a movement.
func (a *scripted) hear(m *movement) (payment.Result, error) {
	if a.answer == timeoutBefore || a.answer == timeoutAfter {
		return payment.Result{}, fmt.Errorf("%w: %s", errNoAnswer, a.on)
	}
	return m.result, nil
}
