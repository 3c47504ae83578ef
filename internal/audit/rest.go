package audit

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// auditRest checks that nothing remains to be done.
func (a *auditor) auditRest(b *book) {
	app := b.document
	for _, o := range app.Orders {
		a.violatef("unresolved", b.id, "order %s is %s at the end: %s", o.ID, o.Status, o.Note)
	}
	if due := app.Due; !due.IsZero() && due.Before(a.Now.Add(-time.Hour)) {
		a.violatef("overdue", b.id, "due at %s, and it is %s", due.Format(time.RFC3339), a.Now.Format(time.RFC3339))
	}
	// The document's due time follows the catalog that was in force then. By a later catalog, it may be due earlier.
	last := Violation{}
	for _, cat := range a.catalogs() {
		if last = a.overdue(app, cat); last == (Violation{}) {
			return
		}
	}
	a.findings.Violations = append(a.findings.Violations, last)
}

// overdue returns what remains to be done for an application under a catalog, or the zero Violation if nothing does.
func (a *auditor) overdue(app subscription.Application, cat *pricing.Catalog) Violation {
	v := Violation{Kind: "overdue", Application: app.ID, At: a.Now}
	advanced, err := subscription.Advance(app, cat, a.Now.Add(-time.Hour))
	if err != nil || !advanced.IsZero() {
		v.Text = fmt.Sprintf("time has still something to do: %d events, %v", len(advanced.Events), err)
		return v
	}
	change, err := renewal.Decide(subscription.Snapshot{Application: app}, a.Policy, cat, a.Now.Add(-time.Hour))
	if err != nil || len(change.Events) > 0 {
		v.Text = fmt.Sprintf("the worker has still something to do: %d events, %v", len(change.Events), err)
		return v
	}
	return Violation{}
}
