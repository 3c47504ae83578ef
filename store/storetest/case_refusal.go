package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// refusalCases checks that text that isn't UTF-8 or has a NUL byte, and documents that are too large, are either kept
// unchanged or refused. A refusal affects only that change, as a whole.
func refusalCases() []check {
	var cases []check
	for _, tt := range oddTexts() {
		cases = append(cases,
			check{"in every place, kept or refused: " + tt.name, func(e *env) { e.oddInEveryPlace(tt.text) }},
			check{"nothing is found by what has " + tt.name, func(e *env) { e.oddReads(tt.text) }},
		)
	}
	return slices.Concat(cases, sizeCases(), []check{
		{"a refusal beside a conflict: the error wraps both", func(e *env) { e.refusalBesideConflict() }},
		{"a change that is late and can't be kept is named once", func(e *env) {
			a, b := e.stored("a"), unborn("b")
			late := small("a", 0, "late")
			late.Events[0].Note = "\x00"
			next := b.next("t")
			o := outcomeOf(e.store.Commit(e.ctx, late, next))
			if o.wrong == "" && len(o.late)+len(o.refused) != 1 {
				refused := slices.Collect(maps.Keys(o.refused))
				o.wrong = fmt.Sprintf("conflicts of %q and refusals of %q, want a in one of them", o.late, refused)
			}
			if o.wrong != "" {
				e.Fatalf("Commit: %s", o.wrong)
			}
			b.apply(next)
			e.holds(a, b)
		}},
		{"a refused change ends no lease", func(e *env) {
			a := e.due("a", noon())
			e.claims(noon(), time.Hour, a)
			c := a.dueAt(noon())
			c.Orders[0].Note = "a\x80"
			o := outcomeOf(e.store.Commit(e.ctx, c))
			e.unlate(o)
			if o.refused["a"] != nil {
				e.claims(noon(), time.Hour)
				e.holds(a)
				return
			}
			a.apply(c)
			e.claims(noon(), time.Hour, a)
		}},
		{"an error that is spoilt spoils nothing", func(e *env) {
			b := unborn("b")
			odd := small("a", 0, "t")
			odd.Events[0].Note = "\x00"
			for range 2 {
				err := e.store.Commit(e.ctx, odd, b.next("t"))
				if refused := new(subscription.RefusedError); errors.As(err, &refused) {
					refused.Changes[0] = subscription.Refusal{Application: "x", Err: subscription.ErrTooLarge}
					e.lists(appIDs{"b"})
				}
				b.apply(b.next("t"))
				e.holds(b)
				if err == nil {
					return
				}
			}
		}},
	})
}

// outcome is the result of a commit for each of its changes.
type outcome struct {
	late    appIDs
	refused map[subscription.ApplicationID]error
	wrong   string // a violation of the contract, or ""
}

// outcomeOf interprets the error of a commit whose outcome must be known.
func outcomeOf(err error) outcome {
	o := outcome{refused: map[subscription.ApplicationID]error{}}
	var conflict *subscription.ConflictError
	var refused *subscription.RefusedError
	if errors.As(err, &conflict) {
		o.late = slices.Clone(conflict.Applications)
	}
	if errors.As(err, &refused) {
		for _, r := range refused.Changes {
			switch {
			case o.refused[r.Application] != nil:
				o.wrong = fmt.Sprintf("%.80q is refused twice", string(r.Application))
			case !errors.Is(r.Err, subscription.ErrInvalid) && !errors.Is(r.Err, subscription.ErrTooLarge) &&
				!errors.Is(r.Err, subscription.ErrExists):
				o.wrong = fmt.Sprintf("refused for %.200v, want ErrInvalid, ErrTooLarge or ErrExists", r.Err)
			case !errors.Is(err, r.Err):
				o.wrong = fmt.Sprintf("%.200v doesn't wrap its reason %.200v", err, r.Err)
			}
			if r.Err != nil {
				o.refused[r.Application] = r.Err
			}
		}
	}
	switch {
	case o.wrong != "":
	case err != nil && conflict == nil && refused == nil:
		o.wrong = fmt.Sprintf("error %.300v, want a *subscription.RefusedError, a *subscription.ConflictError or both", err)
	case conflict == nil && errors.Is(err, subscription.ErrConflict):
		o.wrong = fmt.Sprintf("%.200v is a conflict that names no application", err)
	case conflict != nil && len(conflict.Applications) == 0, refused != nil && len(refused.Changes) == 0:
		o.wrong = fmt.Sprintf("%.200v names no application", err)
	}
	return o
}

// unlate fails the case if the outcome of a commit is invalid or has a conflict.
func (e *env) unlate(o outcome) {
	e.Helper()
	switch {
	case o.wrong != "":
		e.Fatalf("Commit: %s", o.wrong)
	case len(o.late) > 0:
		e.Fatalf("Commit: a conflict of %q, want none", o.late)
	}
}

// candidate is a change that a store may refuse, and the state of its application before it.
type candidate struct {
	path   string
	was    *expected
	change subscription.Change
}

// suspicious commits one batch of all candidates, with a harmless change before, between and after them. It fails the
// case unless each candidate is kept unchanged or refused for one of the reasons, and the harmless changes are applied.
func (e *env) suspicious(candidates []candidate, reasons ...error) {
	e.Helper()
	var batch []subscription.Change
	var harmless []*expected
	for i := range candidates {
		if i%(len(candidates)/2+1) == 0 || i == len(candidates)-1 {
			x := unborn(subscription.ApplicationID(fmt.Sprint("harmless ", i)))
			batch = append(batch, x.next("t"))
			x.apply(batch[len(batch)-1])
			harmless = append(harmless, x)
		}
		batch = append(batch, candidates[i].change)
	}
	slices.Reverse(batch) // so a candidate comes last
	o := outcomeOf(e.store.Commit(e.ctx, batch...))
	e.unlate(o)
	var again []subscription.Change
	for _, c := range candidates {
		why, refused := o.refused[c.change.Application]
		delete(o.refused, c.change.Application)
		if !refused {
			c.was.apply(c.change)
			e.holds(c.was)
			continue
		}
		if !slices.ContainsFunc(reasons, func(reason error) bool { return errors.Is(why, reason) }) {
			e.Fatalf("Commit: odd or large %s: refused for %v, want one of %q", c.path, why, reasons)
		}
		e.holds(c.was)
		if c.path != "Application" { // it does not affect the following candidates
			again = append(again, sample(c.change.Application, c.was.document.Revision, 0))
		}
	}
	for id := range o.refused {
		e.Fatalf("Commit: %.80q is refused too", string(id))
	}
	e.holds(harmless...)
	e.commit(again...)
}

// oddInEveryPlace puts odd text into every place, in new and in existing applications.
func (e *env) oddInEveryPlace(text string) {
	var candidates []candidate
	var before []subscription.Change
	every := 1
	if e.brief {
		every = 7
		if len(text) >= subscription.MaxDocument {
			every = 35 // odd, so that half of the places are in existing applications
		}
	}
	for i, s := range spots() {
		if i%every > 0 {
			continue
		}
		x := unborn(subscription.ApplicationID(fmt.Sprint("app ", i)))
		if i%2 == 1 {
			before = append(before, bare(x))
			x.apply(before[len(before)-1])
		}
		c := sample(x.document.ID, x.document.Revision, 0)
		s.put(&c, text)
		x.document.ID = c.Application
		candidates = append(candidates, candidate{s.path, x, c})
	}
	e.commit(before...)
	e.suspicious(candidates, subscription.ErrInvalid)
}

// oddReads requests rows that were never committed, together with existing ones.
func (e *env) oddReads(text string) {
	a := e.stored("a")
	for x := range 2 { // one read per page or statement, and several
		odd := a.read()
		odd.Keys, odd.Orders, odd.Records = append(odd.Keys, text), append(odd.Orders, subscription.OrderID(text)), []string{text, "r"}
		odd.Refunds = append(odd.Refunds, subscription.OrderID(text))
		reads := []subscription.Read{odd, {Application: subscription.ApplicationID(text), Keys: []string{text}}, a.read()}
		got := e.load(reads[:1+2*x]...)
		for _, i := range []int{0, 2}[:1+x] {
			e.same("Load", got[i].Application, a.document)
			e.sameReceipts(got[i].Receipts, a.receipts)
			e.sameOrders(got[i].Orders, a.orders)
			e.same("Load: records", len(got[i].Records), 0)
			e.same("Load: refunds", got[i].Refunds, a.refunds)
		}
		if x == 1 && got[1].Application.Revision != 0 {
			e.Errorf("Load: an application at revision %d that was never committed", got[1].Application.Revision)
		}
	}
	e.holds(unborn(subscription.ApplicationID(text)))
}

// refusalBesideConflict commits a batch that has changes of each kind.
func (e *env) refusalBesideConflict() {
	a, late, b := e.stored("a"), e.stored("late"), unborn("b")
	odd, big := unborn("odd"), unborn("big")
	oddly, bigly := odd.next("t"), big.next("t")
	oddly.Orders[0].Reference = "\xff\x00"
	fatten(&bigly, 4*subscription.MaxDocument)
	next, created := a.next("t"), b.next("t")
	o := outcomeOf(e.store.Commit(e.ctx, next, oddly, small("late", 0, "late"), bigly, created))
	if o.wrong != "" || !slices.Equal(o.late, appIDs{"late"}) {
		e.Fatalf("Commit: a conflict of %q, want one of late; %s", o.late, o.wrong)
	}
	for _, c := range []candidate{{"odd", odd, oddly}, {"big", big, bigly}} {
		why, refused := o.refused[c.change.Application]
		delete(o.refused, c.change.Application)
		switch want := map[string]error{"odd": subscription.ErrInvalid, "big": subscription.ErrTooLarge}[c.path]; {
		case !refused:
			c.was.apply(c.change)
		case !errors.Is(why, want):
			e.Fatalf("Commit: refused for %v, want an error that wraps %q", why, want)
		}
	}
	if len(o.refused) > 0 {
		e.Fatalf("Commit: %q are refused too", slices.Collect(maps.Keys(o.refused)))
	}
	a.apply(next)
	b.apply(created)
	e.holds(a, late, b, odd, big)
}
