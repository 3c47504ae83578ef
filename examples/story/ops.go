package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// op runs a step. Its result is encoded; if there is an error, only a result of type [outcome] is used.
type op func(ctx context.Context, w *world, s *step) (any, error)

// opUntil is the op whose "at" doesn't set the clock, but is a future instant.
const opUntil = "until"

// ops returns everything a step can do: the commands, by kind, and the rest.
func ops() map[string]op {
	all := map[string]op{
		"quote":   with(quote),
		"confirm": with(confirm),
		"consume": with(consume),
		"deposit": with(deposit),
		"gateway": with(script),
		"settle":  with(settle),
		"reverse": with(reverse),
		"catalog": with(setCatalog),
		"policy":  with(setPolicy),
		opUntil:   with(until),
		"show":    show,
	}
	for kind := range commands() {
		all[kind] = do
	}
	return all
}

// questions returns everything that can be shown.
func questions() map[string]op {
	return map[string]op{
		"application":  with(showApplication),
		"subscription": with(showSubscription),
		"minutes":      with(showMinutes),
		"lots":         with(showLots),
		"entries":      with(showEntries),
		"orders":       with(showOrders),
		"refunds":      with(showRefunds),
		"events":       with(showEvents),
		"balance":      with(showBalance),
		"upcoming":     with(showUpcoming),
		"totals":       with(showTotals),
	}
}

// with returns an op whose own fields are those of P.
func with[P any](run func(ctx context.Context, w *world, s *step, p P) (any, error)) op {
	return func(ctx context.Context, w *world, s *step) (any, error) {
		var p P
		if err := s.fields.into(&p); err != nil {
			return nil, err
		}
		return run(ctx, w, s, p)
	}
}

// find looks up an op in a table. If it isn't there, this version doesn't have the step.
func find[T any](table map[string]T, field, name string) (T, error) {
	found, ok := table[name]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(table)), ", ")
		return found, &stepError{codeUnknownStep, fmt.Errorf("%s: %.64q is none of %s", field, name, names)}
	}
	return found, nil
}

// show answers a question about the state as of the clock and changes nothing.
func show(ctx context.Context, w *world, s *step) (any, error) {
	var p struct {
		What string `json:"what" step:"needed"`
	}
	what := s.fields.take("what")
	if err := what.into(&p); err != nil {
		return nil, err
	}
	answer, err := find(questions(), "what", p.What)
	if err != nil {
		return nil, err
	}
	return answer(ctx, w, s)
}
