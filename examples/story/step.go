package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// step is one line of a story.
type step struct {
	Op  string                     `json:"op" step:"needed"`
	At  time.Time                  `json:"at"`
	App subscription.ApplicationID `json:"app"`
	Key string                     `json:"key"`
	As  string                     `json:"as"`

	line   int    // line number, from 1
	fields object // the op's own fields
}

// step runs one line. The clock keeps the step's time even if the rest of the step fails. The step's name stands for
// what the step has made.
func (w *world) step(ctx context.Context, text []byte, number int) (any, error) {
	s, err := parseStep(text, number)
	if err != nil {
		return nil, err
	}
	if err := w.setClock(s); err != nil {
		return nil, err
	}
	run, err := find(ops(), "op", s.Op)
	if err != nil {
		return nil, err
	}
	if err := w.resolve(&s.fields); err != nil {
		return nil, err
	}
	w.made = named{}
	answer, err := run(ctx, w, s)
	if s.As != "" {
		w.names[s.As] = w.made
	}
	return answer, err
}

func parseStep(text []byte, number int) (*step, error) {
	all, err := parseObject("", text)
	if err != nil {
		return nil, err
	}
	s := &step{line: number}
	common := all.take("op", "at", "app", "key", "as")
	if err := common.into(s); err != nil {
		return nil, err
	}
	if s.fields = all; s.App == "" {
		s.App = "app"
	}
	return s, nil
}

// setClock sets the clock to the step's time, if it has one. The time of an "until" step is in the future.
func (w *world) setClock(s *step) error {
	switch {
	case s.At.IsZero() && w.clock.IsZero():
		return badStep("at is missing: nothing has set the clock yet")
	case !s.At.IsZero() && s.Op != opUntil:
		w.clock = s.At
	}
	return nil
}

// resolve replaces a step's name with the order or the refund that the step made.
func (w *world) resolve(fields *object) error {
	for field, what := range map[string]func(named) string{
		"order":  func(n named) string { return string(n.order) },
		"refund": func(n named) string { return n.refund },
	} {
		name, is := strings.CutPrefix(fields.text(field), "$")
		if !is {
			continue
		}
		made := what(w.names[name])
		if made == "" {
			return &stepError{codeUnknownName, fmt.Errorf("%s: no step named %.64q has made one", field, name)}
		}
		raw, err := json.Marshal(made)
		if err != nil {
			return err
		}
		fields.values[field] = raw
	}
	return nil
}

// madeBy returns a new name for the step, made of its purpose, the clock, and the line number. A story that runs
// again on the same database gets the same names.
func (w *world) madeBy(what string, s *step) string {
	return fmt.Sprintf("%s-%s-%d", what, w.clock.Format(time.RFC3339Nano), s.line)
}
