package storetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

// strict is a store that keeps no odd text and no document that is too large, as those on databases. Its parts can be
// replaced by what somebody gets wrong.
type strict struct {
	b *broken
	// refuses returns why a change can't be kept, nil if it can.
	refuses func(c *subscription.Change) error
	// answer returns the error of a batch, from what the store said of the changes that it was given.
	answer func(err error, refused []subscription.Refusal) error
	// before, if there is one, is called with the batch and the changes that are refused.
	before func(ctx context.Context, refused []subscription.Change) error
}

func newStrict(b *broken) *strict {
	s := &strict{b: b, refuses: refuses, answer: answer}
	b.commit = s.commit
	return s
}

// strictly makes a strict store of a broken one.
func strictly(damage func(s *strict)) func(b *broken) {
	return func(b *broken) { damage(newStrict(b)) }
}

func (s *strict) commit(ctx context.Context, changes ...subscription.Change) error {
	if ctx.Err() != nil || len(repeated(changes)) > 0 {
		return s.b.Store.Commit(ctx, changes...)
	}
	var kept, odd []subscription.Change
	var refused []subscription.Refusal
	for i := range changes {
		if err := s.refuses(&changes[i]); err != nil {
			odd = append(odd, changes[i])
			refused = append(refused, subscription.Refusal{Application: changes[i].Application, Err: err})
			continue
		}
		kept = append(kept, changes[i])
	}
	if s.before != nil && len(odd) > 0 {
		if err := s.before(ctx, odd); err != nil {
			return err
		}
	}
	return s.answer(s.b.Store.Commit(ctx, kept...), refused)
}

// answer wraps both.
func answer(err error, refused []subscription.Refusal) error {
	if len(refused) == 0 {
		return err
	}
	return errors.Join(err, &subscription.RefusedError{Changes: refused})
}

func refuses(c *subscription.Change) error {
	if odd := oddText(reflect.ValueOf(c).Elem()); odd != "" {
		return fmt.Errorf("%w: text %.40q", subscription.ErrInvalid, odd)
	}
	doc, err := json.Marshal(c.Next)
	if err == nil && len(doc) > subscription.MaxDocument {
		err = fmt.Errorf("%w: %d bytes", subscription.ErrTooLarge, len(doc))
	}
	return err
}

// oddText returns a text within v that isn't UTF-8 without NUL.
func oddText(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		if s := v.String(); !utf8.ValidString(s) || strings.Contains(s, "\x00") {
			return s
		}
	case reflect.Slice:
		for i := range v.Len() {
			if s := oddText(v.Index(i)); s != "" {
				return s
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return oddText(v.Elem())
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if s := oddText(field); s != "" {
				return s
			}
		}
	}
	return ""
}

// Flaws are made of the strict store: it must have no others.
func TestSuitePassesStrictStore(t *testing.T) {
	for _, name := range storetest.Cases() {
		if area, _, _ := strings.Cut(name, "/"); !slices.Contains([]string{"commit", "refusals", "service"}, area) {
			continue
		}
		if failed := storetest.Verdict(t.Context(), name, opens(strictly(func(*strict) {})), 30*time.Second); failed != "" {
			t.Errorf("%s: %s", name, failed)
		}
	}
}

const inEveryPlace = "refusals/in every place, kept or refused: "

var refusalFlaws = []flaw{
	{"references are cut at NUL", edits(func(c *subscription.Change) {
		for i := range c.Orders {
			c.Orders[i].Reference, _, _ = strings.Cut(c.Orders[i].Reference, "\x00")
		}
	}), inEveryPlace + "a NUL byte"},
	{"what isn't UTF-8 is replaced", edits(func(c *subscription.Change) {
		for i := range c.Orders {
			for j := range c.Orders[i].Lines {
				c.Orders[i].Lines[j].Item = strings.ToValidUTF8(c.Orders[i].Lines[j].Item, "\ufffd")
			}
		}
	}), inEveryPlace + "a lone continuation byte"},
	{"the document is JSON, which replaces", edits(func(c *subscription.Change) {
		doc, _ := json.Marshal(c.Next)
		c.Next = subscription.Application{}
		_ = json.Unmarshal(doc, &c.Next)
	}), inEveryPlace + "a rune that is cut off"},
	{"halves of surrogates are dropped", edits(func(c *subscription.Change) {
		for i := range c.Records {
			c.Records[i].ID = strings.ReplaceAll(c.Records[i].ID, "\xed\xa0\xbd", "")
		}
		for i := range c.Receipts {
			c.Receipts[i].Key = strings.ReplaceAll(c.Receipts[i].Key, "\xed\xa0\xbd", "")
		}
	}), inEveryPlace + "a surrogate half"},
	{"overlong forms are what they stand for", edits(func(c *subscription.Change) {
		for i := range c.Events {
			c.Events[i].Note = strings.ReplaceAll(c.Events[i].Note, "\xc0\xaf", "/")
		}
	}), inEveryPlace + "an overlong form"},
	{"a NUL byte in a key fails the batch", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				if len(c.Receipts) > 0 && strings.Contains(c.Receipts[0].Key, "\x00") {
					return errors.New("invalid byte sequence for encoding UTF8: 0x00 (SQLSTATE 22021)")
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, inEveryPlace + "a NUL byte"},
	{"a refusal fails the whole batch", strictly(func(s *strict) {
		s.before = func(_ context.Context, refused []subscription.Change) error {
			all := make([]subscription.Refusal, len(refused))
			for i := range refused {
				all[i] = subscription.Refusal{Application: refused[i].Application, Err: subscription.ErrInvalid}
			}
			return &subscription.RefusedError{Changes: all}
		}
	}), inEveryPlace + "a NUL byte"},
	{"a refusal names only the first", strictly(func(s *strict) {
		s.answer = func(err error, refused []subscription.Refusal) error {
			return answer(err, refused[:min(1, len(refused))])
		}
	}), inEveryPlace + "a NUL byte"},
	{"a refusal of nobody in particular", strictly(func(s *strict) {
		s.answer = func(err error, refused []subscription.Refusal) error {
			if len(refused) > 0 {
				return errors.Join(err, refused[0].Err)
			}
			return err
		}
	}), inEveryPlace + "a NUL byte"},
	{"a refusal without an application", strictly(func(s *strict) {
		s.answer = func(err error, refused []subscription.Refusal) error {
			return errors.Join(err, answer(nil, refused), &subscription.RefusedError{})
		}
	}), "refusals/documents far above"},
	{"a refusal for a reason of its own", strictly(func(s *strict) {
		s.refuses = func(c *subscription.Change) error {
			if refuses(c) != nil {
				return errors.New("string literal contains an unprintable byte")
			}
			return nil
		}
	}), inEveryPlace + "a lone continuation byte"},
	{"odd text is too large", strictly(func(s *strict) {
		s.refuses = func(c *subscription.Change) error {
			if refuses(c) != nil {
				return subscription.ErrTooLarge
			}
			return nil
		}
	}), inEveryPlace + "a lone continuation byte"},
	{"too large is invalid", strictly(func(s *strict) {
		s.refuses = func(c *subscription.Change) error {
			if refuses(c) != nil {
				return subscription.ErrInvalid
			}
			return nil
		}
	}), "refusals/documents far above"},
	{"a refusal is a conflict", strictly(func(s *strict) {
		s.answer = func(err error, refused []subscription.Refusal) error {
			conflict := new(subscription.ConflictError)
			_ = errors.As(err, &conflict)
			for _, r := range refused {
				conflict.Applications = append(conflict.Applications, r.Application)
			}
			if len(conflict.Applications) > 0 {
				return conflict
			}
			return err
		}
	}), "refusals/a refusal beside"},
	{"a refusal is a conflict too", strictly(func(s *strict) {
		s.answer = func(err error, refused []subscription.Refusal) error {
			if len(refused) > 0 {
				err = errors.Join(err, subscription.ErrConflict)
			}
			return answer(err, refused)
		}
	}), inEveryPlace + "a NUL byte"},
	{"a conflict hides the refusals", strictly(func(s *strict) {
		s.answer = func(err error, refused []subscription.Refusal) error {
			if err != nil {
				return err
			}
			return answer(nil, refused)
		}
	}), "refusals/a refusal beside"},
	{"a refusal hides the conflicts", strictly(func(s *strict) {
		s.answer = func(err error, refused []subscription.Refusal) error {
			if len(refused) > 0 {
				return answer(nil, refused)
			}
			return err
		}
	}), "refusals/a refusal beside"},
	{"a late change that can't be kept is named twice", strictly(func(s *strict) {
		s.answer = func(err error, refused []subscription.Refusal) error {
			if len(refused) > 0 && refused[0].Application == "a" {
				err = errors.Join(err, &subscription.ConflictError{Applications: ids{"a"}})
			}
			return answer(err, refused)
		}
	}), "refusals/a change that is late"},
	{"a refused change is applied", strictly(func(s *strict) {
		s.before = func(ctx context.Context, refused []subscription.Change) error {
			_ = s.b.Store.Commit(ctx, refused...)
			return nil
		}
	}), inEveryPlace + "a NUL byte"},
	{"the rows of a refused change are written", strictly(func(s *strict) {
		s.before = func(ctx context.Context, refused []subscription.Change) error {
			for _, c := range refused {
				if loaded, _ := s.b.Store.Load(ctx, subscription.Read{Application: c.Application}); c.Base > 0 {
					was := loaded[0].Application
					_ = s.b.Store.Commit(ctx, subscription.Change{Application: c.Application, Base: c.Base, Next: was, Orders: c.Orders})
				}
			}
			return nil
		}
	}), inEveryPlace + "a surrogate half"},
	{"the keys of a refused change are taken", func(b *broken) {
		taken := map[string]bool{}
		strictly(func(s *strict) {
			s.before = func(_ context.Context, refused []subscription.Change) error {
				for _, c := range refused {
					taken[string(c.Application)] = true
				}
				return nil
			}
			s.refuses = func(c *subscription.Change) error {
				if taken[string(c.Application)] {
					return subscription.ErrInvalid
				}
				return refuses(c)
			}
		})(b)
	}, "refusals/documents far above"},
	{"whoever is refused ends the lease", func(b *broken) {
		l := newLeaser(b)
		l.ended = func(changes []subscription.Change, err error) {
			if errors.Is(err, subscription.ErrInvalid) {
				err = nil
			}
			l.applied(changes, err)
		}
		s := &strict{b: b, refuses: refuses, answer: answer}
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			err := s.refuses(&changes[0])
			if err == nil {
				return l.commit(ctx, changes...)
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			l.ended(changes, err)
			return answer(nil, []subscription.Refusal{{Application: changes[0].Application, Err: err}})
		}
	}, "refusals/a refused change ends no lease"},
	{"one error for all refusals", func(b *broken) {
		var kept atomic.Pointer[subscription.RefusedError]
		strictly(func(s *strict) {
			s.answer = func(err error, refused []subscription.Refusal) error {
				if len(refused) > 0 {
					kept.CompareAndSwap(nil, &subscription.RefusedError{Changes: refused})
					return errors.Join(err, kept.Load())
				}
				return err
			}
		})(b)
		lists(func(all ids) ids {
			if e := kept.Load(); e != nil {
				return slices.Sorted(slices.Values(append(all, e.Changes[0].Application)))
			}
			return all
		})(b)
	}, "refusals/an error that is spoilt"},
	{"asking for odd text is an error", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			for _, r := range reads {
				if oddText(reflect.ValueOf(r)) != "" {
					return nil, subscription.ErrInvalid
				}
			}
			return b.Store.Load(ctx, reads...)
		}
	}, "refusals/nothing is found by what has a NUL"},
	{"asking is by what odd text is replaced with", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			snapshots, err := b.Store.Load(ctx, reads...)
			for i := range snapshots {
				s := &snapshots[i].Application
				s.ID = subscription.ApplicationID(strings.ToValidUTF8(string(s.ID), "?"))
			}
			return snapshots, err
		}
	}, "refusals/nothing is found by what has a lone"},
	{"a mebibyte is too much for a note, and cut", edits(func(c *subscription.Change) {
		for i := range c.Events {
			c.Events[i].Note = c.Events[i].Note[:min(1<<19, len(c.Events[i].Note))]
		}
	}), "refusals/a text of 1 MiB"},
	{"an index has no room for a large key", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for _, c := range changes {
				for _, r := range c.Receipts {
					if len(r.Key) > 2704 {
						return errors.New("index row size exceeds btree version 4 maximum 2704")
					}
				}
			}
			return b.Store.Commit(ctx, changes...)
		}
	}, "refusals/a text of 1 MiB"},
	{"what can't be kept is refused whatever the context", func(b *broken) {
		s := newStrict(b)
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			if s.refuses(&changes[0]) != nil {
				ctx = context.WithoutCancel(ctx)
			}
			return s.commit(ctx, changes...)
		}
	}, "context/a change that can't be kept, its context canceled"},
	{"a document may have half as much", strictly(func(s *strict) {
		s.refuses = func(c *subscription.Change) error {
			if doc, _ := json.Marshal(c.Next); len(doc) > subscription.MaxDocument/2 {
				return subscription.ErrTooLarge
			}
			return refuses(c)
		}
	}), "refusals/a document just below"},
	{"a document that is too large is cut", edits(func(c *subscription.Change) {
		c.Next.Lots = c.Next.Lots[:min(2000, len(c.Next.Lots))]
	}), "refusals/a document far above the largest, alone"},
	{"a document that is too large is any error", strictly(func(s *strict) {
		s.answer = func(err error, refused []subscription.Refusal) error {
			if len(refused) > 0 && errors.Is(refused[0].Err, subscription.ErrTooLarge) {
				return errors.New("value too long for type character varying")
			}
			return answer(err, refused)
		}
	}), "refusals/a document far above the largest, alone"},
}
