package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// quoted is a quote that a step has made, and what it is for.
type quoted struct {
	app     subscription.ApplicationID
	command subscription.Command
	quote   subscription.Quote
	who     actor
}

type quoteStep struct {
	Of json.RawMessage `json:"of" step:"needed"` // a command
}

type quoteOutcome struct {
	Quote quoteView `json:"quote"`
}

type quoteView struct {
	subscription.Quote
	Net pricing.Money `json:"net"`
}

// quote reports what a command would cost and deliver. It stores nothing.
func quote(ctx context.Context, w *world, s *step, p quoteStep) (any, error) {
	delete(w.quotes, s.As)
	of, err := parseObject("of", p.Of)
	if err != nil {
		return nil, err
	}
	if err := w.resolve(&of); err != nil {
		return nil, err
	}
	kind := of.text("op")
	of.take("op")
	who, err := readActor(&of)
	if err != nil {
		return nil, err
	}
	cmd, err := readCommand(kind, &of)
	if err != nil {
		return nil, err
	}
	q, err := w.service.Quote(ctx, s.App, cmd)
	if err != nil {
		return nil, err
	}
	if s.As != "" {
		w.quotes[s.As] = quoted{s.App, cmd, q, who}
	}
	return quoteOutcome{quoteView{Quote: q, Net: q.Net()}}, nil
}

type confirmStep struct {
	Quote  string `json:"quote" step:"needed"` // the name of the step that made the quote
	By     string `json:"by"`                  // who confirms it, and why; absent: as when it was quoted
	Reason string `json:"reason"`
}

// confirm runs a command as quoted.
func confirm(ctx context.Context, w *world, s *step, p confirmStep) (any, error) {
	q, ok := w.quotes[p.Quote]
	if !ok {
		return nil, &stepError{codeUnknownName, fmt.Errorf("quote: no step named %.64q has made a quote", p.Quote)}
	}
	if p.By != "" || p.Reason != "" {
		q.who = actor{p.By, p.Reason}
	}
	out, err := q.who.of(w.service).Confirm(ctx, q.app, q.command, q.quote, w.keyOf(s))
	return w.outcome(out), err
}
