package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/prepaidkit/prepaid/internal/absent"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Source is what is read of a store. Every [store.Store] is one. If it is a [store.Feeder] too, its feed is audited as well.
type Source interface {
	store.History
	Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error)
}

// Options configure an audit. The zero value of each field means its default, and a nil *Options means all defaults.
type Options struct {
	// Catalogs are those that have been in force lately, the present one included. Prices are compared with the catalog that
	// an order names, if it is one of them, and an application may sleep as long as one of them lets it. By default neither is
	// checked.
	Catalogs []*pricing.Catalog
	// Parallel is how many applications are read at a time. Default 4.
	Parallel int
	// Progress is called after each application, by the goroutine that ranges over the findings.
	Progress func(Progress)
}

// Progress is how far an audit has come.
type Progress struct {
	Applications int64                      // that were audited
	Findings     int64                      // so far
	Last         subscription.ApplicationID // the last one that was audited
}

// Store audits all applications of a store and yields what it finds: nothing, for a store that is as it should be.
// Applications come in byte order of their IDs.
//
// It holds the orders' figures and the lots of [Options.Parallel] applications at a time, and never all entries or events of
// one, so its memory doesn't grow with the number of applications. It only reads, holds no lock, and can run beside services
// and workers. At most a hundred findings are yielded of one application.
//
// An error ends it and comes with the zero Finding: [subscription.ErrInvalid] for a nil source, or the store's. What can't be
// read of a single application is a finding.
func Store(ctx context.Context, s Source, o *Options) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		if absent.Is(s) {
			yield(Finding{}, fmt.Errorf("%w: no store to audit", subscription.ErrInvalid))
			return
		}
		var progress Progress
		for r := range audited(ctx, s, o.filled()) {
			if r.err != nil {
				yield(Finding{}, fmt.Errorf("audit: %w", r.err))
				return
			}
			for _, f := range r.found {
				progress.Findings++
				if !yield(f, nil) {
					return
				}
			}
			progress.Applications++
			progress.Last = r.id
			if o != nil && o.Progress != nil {
				o.Progress(progress)
			}
		}
	}
}

// Application audits one application and returns what it finds. It finds nothing for one that doesn't exist. It fails like
// [Store].
func Application(ctx context.Context, s Source, id subscription.ApplicationID, o *Options) ([]Finding, error) {
	if absent.Is(s) {
		return nil, fmt.Errorf("%w: no store to audit", subscription.ErrInvalid)
	}
	opts := o.filled()
	found, err := application(ctx, s, id, &opts)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return found, nil
}

func (o *Options) filled() Options {
	var f Options
	if o != nil {
		f = *o
	}
	if f.Parallel <= 0 {
		f.Parallel = 4
	}
	return f
}

// result is what was found of an application.
type result struct {
	id    subscription.ApplicationID
	found []Finding
	err   error
}

// audited audits applications, several at a time, and yields the results in order.
func audited(ctx context.Context, s Source, o Options) iter.Seq[result] {
	return func(yield func(result) bool) {
		ctx, stop := context.WithCancel(ctx)
		pending := make(chan chan result, o.Parallel-1) // and the one that is waited for
		defer func() {
			stop()
			for r := range pending {
				<-r
			}
		}()
		go func() {
			defer close(pending)
			for id, err := range s.Applications(ctx) {
				if err == nil {
					err = ctx.Err()
				}
				one := make(chan result, 1)
				pending <- one
				if err != nil {
					one <- result{err: err}
					return
				}
				go func() {
					found, err := application(ctx, s, id, &o)
					one <- result{id, found, err}
				}()
			}
		}()
		for one := range pending {
			if r := <-one; !yield(r) || r.err != nil {
				return
			}
		}
	}
}

// readings is how often an application that changes meanwhile is read.
const readings = 10

// application audits an application, again while it changes. It fails only if the store does.
func application(ctx context.Context, s Source, id subscription.ApplicationID, o *Options) ([]Finding, error) {
	for n := 1; ; n++ {
		b, err := read(ctx, s, id, o)
		var now subscription.Application
		if err == nil {
			now, err = load(ctx, s, id)
		}
		switch {
		case err == nil && now.Revision == b.app.Revision:
			return b.found, nil
		case err == nil && n == readings:
			return []Finding{{Kind: Changing, Application: id, Text: fmt.Sprintf("it changed during each of %d readings", readings)}}, nil
		case err == nil:
			continue
		}
		// Is it the store that fails, or this application? Nobody has the empty ID.
		if _, down := read(ctx, s, "", o); down != nil {
			return nil, errors.Join(ctx.Err(), err)
		}
		if n > 1 {
			return []Finding{{Kind: Unreadable, Application: id, Text: err.Error()}}, nil
		}
	}
}
