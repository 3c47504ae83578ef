package storetest_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

// Trap: a suite that exceeds its own assumptions fails correct stores. A small run looks at a third of the cases.
func TestCasesKeepToWhatIsTakenForGranted(t *testing.T) {
	for i, name := range storetest.Cases() {
		area, _, _ := strings.Cut(name, "/")
		if area == "simulation" || i%testsize.Of(3, 1) > 0 { // a simulation's changes are those of decisions
			continue
		}
		w := &watch{texts: area != "refusals" && area != "context"}
		if failed := storetest.Verdict(t.Context(), name, w.open, 30*time.Second); failed != "" {
			t.Errorf("%s: %s", name, failed)
		}
		if w.found != "" {
			t.Errorf("%s: %s", name, w.found)
		}
	}
}

// watch keeps the first thing that a store was given beyond what the suite takes for granted.
type watch struct {
	texts bool // those are to be kept, too
	mu    sync.Mutex
	found string
}

// open opens a store that is watched.
func (w *watch) open() store.Store {
	return opens(func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			for i := range changes {
				w.notef("Commit of %.80q: %s", string(changes[i].Application), w.change(&changes[i]))
			}
			return b.Store.Commit(ctx, changes...)
		}
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			w.notef("Claim as of %s: %s", asOf, years(asOf, asOf.Add(lease)))
			return b.Store.Claim(ctx, asOf, lease, limit)
		}
		b.prune = func(ctx context.Context, before time.Time) (store.Pruned, error) {
			w.notef("Prune before %s: %s", before, years(before))
			return b.Store.Prune(ctx, before)
		}
	})()
}

// notef notes what the last argument says, if it says anything.
func (w *watch) notef(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if args[len(args)-1] != "" && w.found == "" {
		w.found = fmt.Sprintf(format, args...)
	}
}

// change returns what is wrong with a change, "" if nothing is.
func (w *watch) change(c *subscription.Change) string {
	if c.Next.ID != c.Application || c.Next.Revision != c.Base+1 {
		return fmt.Sprintf("the document is %q at revision %d after %d", c.Next.ID, c.Next.Revision, c.Base)
	}
	unresolved := 0
	for i := range c.Orders {
		o := &c.Orders[i]
		if o.Application != c.Application || !o.Amount.IsZero() && o.Amount.Minor() < 0 {
			return fmt.Sprintf("order %q of %q for %s", o.ID, o.Application, o.Amount)
		}
		for _, l := range o.Lines {
			if l.Amount.Currency() != o.Lines[0].Amount.Currency() {
				return fmt.Sprintf("order %q has lines of %s and %s", o.ID, o.Lines[0].Amount, l.Amount)
			}
		}
		if o.Status.Unresolved() {
			unresolved++
		}
	}
	if len(c.Next.Orders) < unresolved {
		return fmt.Sprintf("%d unresolved orders, and %d in the document", unresolved, len(c.Next.Orders))
	}
	for i, e := range c.Entries {
		if e.Application != c.Application || e.Revision != c.Next.Revision || e.Index != i {
			return fmt.Sprintf("entry %d is %q, %d, %d", i, e.Application, e.Revision, e.Index)
		}
	}
	for i, e := range c.Events {
		if e.Application != c.Application || e.Revision != c.Next.Revision || e.Index != i {
			return fmt.Sprintf("event %d is %q, %d, %d", i, e.Application, e.Revision, e.Index)
		}
	}
	for _, r := range c.Receipts {
		if r.Application != c.Application || r.Revision != c.Next.Revision {
			return fmt.Sprintf("receipt %q of %q at revision %d", r.Key, r.Application, r.Revision)
		}
	}
	return w.values(reflect.ValueOf(c).Elem(), "")
}

// values goes through what v consists of.
func (w *watch) values(v reflect.Value, path string) string {
	switch p := v.Interface().(type) {
	case time.Time:
		if odd := instant(p); odd != "" {
			return path + " " + odd
		}
		return ""
	case pricing.Date:
		if odd := years(time.Unix(int64(p)*24*60*60, 0)); odd != "" {
			return path + " " + odd
		}
		return ""
	}
	switch v.Kind() {
	case reflect.String:
		if odd := oddText(v); odd != "" && w.texts {
			return fmt.Sprintf("%s is %.40q", path, odd)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return w.values(v.Elem(), path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if odd := w.values(v.Index(i), path); odd != "" {
				return odd
			}
		}
	case reflect.Struct:
		if storetest.Opaque(v.Type()) {
			return ""
		}
		for field, part := range v.Fields() {
			if odd := w.values(part, path+"."+field.Name); odd != "" {
				return odd
			}
		}
	}
	return ""
}

// instant returns what is wrong with a time of a change.
func instant(at time.Time) string {
	switch {
	case at.IsZero():
		return ""
	case at.Location() != time.UTC:
		return fmt.Sprintf("%s isn't in UTC", at)
	case at.Nanosecond()%1000 > 0:
		return fmt.Sprintf("%s isn't in whole microseconds", at)
	}
	return years(at)
}

// years returns which of some times isn't of the years 1 to 9999.
func years(all ...time.Time) string {
	for _, at := range all {
		if year := at.UTC().Year(); year < 1 || year > 9999 {
			return fmt.Sprintf("%s is of the year %d", at.UTC(), year)
		}
	}
	return ""
}
