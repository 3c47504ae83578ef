package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/store/reconcile"
	"github.com/prepaidkit/prepaid/subscription"
)

const healthPath = "/staff/health"

// Bounds of the page of health.
const (
	checkTime = 20 * time.Second // of an audit or a comparison
	checkList = 100              // findings
)

// healthBody is the page that tells whether all is well.
type healthBody struct {
	Audit  verdict
	Agrees verdict // with the provider's statement
	Worker renewal.Health
	Relay  round
	Behind int64 // changes that the relay hasn't seen
	Parked int   // applications whose mails couldn't be sent
	Most   int   // that are counted
}

// verdict is what an audit of the store or a comparison with the provider's statement found.
type verdict struct {
	At           time.Time              `json:"at"` // zero: never
	Applications int64                  `json:"applications"`
	Findings     []audit.Finding        `json:"findings,omitempty"`
	Differences  []reconcile.Difference `json:"differences,omitempty"`
	Lines        int                    `json:"lines,omitempty"`   // of the statement
	Stopped      bool                   `json:"stopped,omitempty"` // it wasn't complete: too many findings, or too little time
}

// Names of the notes with the last verdicts.
const (
	auditNote     = "audit"
	reconcileNote = "reconcile"
)

func (c *console) healthPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	body, err := c.health(r.Context())
	if err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "health", view{Title: "Health", Section: "health", Body: body})
}

// health returns the last verdicts, and how what works in the background does.
func (c *console) health(ctx context.Context) (healthBody, error) {
	body := healthBody{Worker: c.worker.Health(), Relay: c.mailer.lastRound(), Most: parkedList}
	for note, v := range map[string]*verdict{auditNote: &body.Audit, reconcileNote: &body.Agrees} {
		if _, err := c.notes.get(ctx, note, v); err != nil {
			return body, err
		}
	}
	mark, err := c.store.Mark(ctx, mailRelay)
	if err != nil {
		return body, err
	}
	_, end, err := c.store.FeedEnds(ctx)
	if err != nil {
		return body, err
	}
	body.Behind = max(0, end.Number-mark.Cursor.Number)
	parked, err := c.parked(ctx, body.Most)
	body.Parked = len(parked)
	return body, err
}

// healthWork is what isn't well, and the checks of the day that are to be made.
func (c *console) healthWork(ctx context.Context) ([]workRow, error) {
	h, err := c.health(ctx)
	if err != nil {
		return nil, err
	}
	var rows []workRow
	warn := func(bad bool, what string, since time.Time) {
		if bad {
			rows = append(rows, workRow{What: what, Path: healthPath, Since: since})
		}
	}
	now := c.clock.now()
	warn(h.Worker.Err != nil, "The renewal worker fails", h.Worker.EndedAt)
	warn(h.Relay.Err != nil, "The relay of mails fails", now)
	warn(len(h.Audit.Findings) > 0, "The audit found something wrong in the store", h.Audit.At)
	warn(len(h.Agrees.Differences) > 0, "The provider’s statement differs from the orders", h.Agrees.At)
	warn(now.Sub(h.Audit.At) > auditAge, "The store is to be audited", h.Audit.At)
	warn(now.Sub(h.Agrees.At) > auditAge, "The provider’s statement is to be compared with the orders", h.Agrees.At)
	return rows, nil
}

// checkHealth audits the store, compares it with the provider's statement, or mends what differs, and keeps the verdict for the
// page. It needs no pause of the shop.
func (c *console) checkHealth(w http.ResponseWriter, r *http.Request, _ customer) error {
	switch r.FormValue("do") {
	case "audit":
		return c.checked(w, r, auditNote, c.audit)
	case "reconcile":
		return c.checked(w, r, reconcileNote, c.compare)
	case "apply":
		return c.applyDifferences(w, r)
	}
	return errNoPage
}

// checked keeps what a check found. One that takes too long is kept as far as it came.
func (c *console) checked(w http.ResponseWriter, r *http.Request, note string, check func(context.Context, *verdict) error) error {
	v := verdict{At: c.clock.now()}
	limited, cancel := context.WithTimeout(r.Context(), checkTime)
	defer cancel()
	err := check(limited, &v)
	if errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil {
		v.Stopped, err = true, nil
	}
	if err != nil {
		return err
	}
	if err := c.notes.put(r.Context(), note, v); err != nil {
		return err
	}
	return see(w, r, healthPath)
}

// audit reads the whole store and proves it.
func (c *console) audit(ctx context.Context, v *verdict) error {
	o := audit.Options{
		Catalogs: []*pricing.Catalog{c.catalog},
		Progress: func(p audit.Progress) { v.Applications = p.Applications },
	}
	var err error
	v.Findings, v.Stopped, err = firstRows(audit.Store(ctx, c.store, &o), checkList)
	return err
}

// compare compares all that the provider says it collected and returned with the orders.
func (c *console) compare(ctx context.Context, v *verdict) error {
	lines, err := c.provider.statement(ctx)
	if err != nil {
		return err
	}
	v.Lines = len(lines)
	statement := func(yield func(reconcile.Line, error) bool) {
		for _, l := range lines {
			if !yield(l, nil) {
				return
			}
		}
	}
	span := reconcile.Span{From: c.history().begins.AddDate(0, 0, -1), To: c.clock.now().AddDate(0, 0, 1)}
	v.Differences, v.Stopped, err = firstRows(reconcile.Compare(ctx, c.store, statement, span), checkList)
	return err
}

// applyDifferences does about what differs what can be done without a person, records the rest for one, and compares again.
func (c *console) applyDifferences(w http.ResponseWriter, r *http.Request) error {
	var v verdict
	if err := c.compare(r.Context(), &v); err != nil {
		return err
	}
	by := c.service.As(staffName, "the provider's statement")
	for _, d := range v.Differences {
		if _, err := reconcile.Apply(r.Context(), by, d); err != nil && !errors.Is(err, subscription.ErrNotFound) { // somebody else's
			return err
		}
	}
	return c.checked(w, r, reconcileNote, c.compare)
}
