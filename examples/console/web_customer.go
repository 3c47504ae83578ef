package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Bounds of the page of a customer.
const (
	latestRows = 12 // of each list
	usageDays  = 7
)

// customerBody is all that support needs to know of a customer.
type customerBody struct {
	Customer customer // the zero value for an application that was erased
	Mail     string
	Method   method
	Balance  pricing.Money
	Tax      taxFacts
	Waits    workList // for a person
	Apps     []customerApp
	Orders   []orderRow   // the latest first
	Refunds  []refundLine // and what was taken back
	Mails    []mail
	Usage    []usedDay
	Notes    []staffNote
	Acted    []subscription.Event // by staff, the latest first
	Tell     teller
	Key      string
}

// customerApp is one of the customer's applications.
type customerApp struct {
	subscription.Application

	State   string
	Packs   []customerPack
	Actions []*form
}

// customerPack is a package of an application, and what can be done for it.
type customerPack struct {
	card

	Actions []*form
}

// usedDay is what was used of a product on a day.
type usedDay struct {
	Day     pricing.Date
	App     subscription.ApplicationID
	Product pricing.ProductID
	Minutes subscription.Quantity
}

// staffNote is a note that staff took about a customer.
type staffNote struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
}

// staffNotes is the beginning of the names of the notes about customers, followed by the account, the instant and a key.
const staffNotes = "staff/note/"

// noteAbout keeps a note about a customer once for each key.
func (c *console) noteAbout(ctx context.Context, account, key string, n staffNote) error {
	return c.notes.put(ctx, fmt.Sprintf("%s%s/%017d/%s", staffNotes, account, n.At.UnixMicro(), key), n)
}

// staffAppPage leads to the customer who pays for an application. An application that was erased has a page of its own.
func (c *console) staffAppPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	app, err := c.service.Application(r.Context(), subscription.ApplicationID(r.PathValue("app")))
	if err != nil {
		return err
	}
	if app.Account != "" {
		to := customerPath(string(app.Account))
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		return see(w, r, to+"#app-"+url.PathEscape(string(app.ID)))
	}
	return c.showCustomer(w, r, customer{}, []subscription.Application{app})
}

func (c *console) customerPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	cu, err := c.whose(r.Context(), "", r.PathValue("account"))
	if err != nil {
		return err
	}
	apps, err := c.applications(r.Context(), cu)
	if err != nil {
		return err
	}
	return c.showCustomer(w, r, cu, apps)
}

func (c *console) showCustomer(w http.ResponseWriter, r *http.Request, cu customer, apps []subscription.Application) error {
	body := customerBody{Customer: cu, Key: formKey(r)}
	for _, fill := range []func(context.Context, *customerBody, []subscription.Application) error{
		c.fillFacts, c.fillApps, c.fillMoney, c.fillUsage, c.fillRecord,
	} {
		if err := fill(r.Context(), &body, apps); err != nil {
			return err
		}
	}
	title := cmp.Or(cu.Name, "Erased customer")
	return c.render(w, r, http.StatusOK, "customer", view{Title: title, Section: "find", Body: body})
}

// fillFacts reads who it is, how it pays, and what waits for a person.
func (c *console) fillFacts(ctx context.Context, body *customerBody, apps []subscription.Application) (err error) {
	cu := body.Customer
	if cu.ID != "" {
		body.Mail = cu.mail()
		if body.Method, err = c.provider.method(ctx, cu.ID); err != nil {
			return err
		}
		if body.Balance, err = c.accounts.Balance(ctx, cu.ID, c.currencyOf(cu)); err != nil {
			return err
		}
		if body.Tax, err = c.taxOf(ctx, cu); err != nil {
			return err
		}
	}
	lists, err := c.work(ctx)
	body.Waits = workList{ID: "waits", Title: "Waits for a person"}
	for _, l := range lists {
		for _, row := range l.Rows {
			if slices.ContainsFunc(apps, func(app subscription.Application) bool { return app.ID == row.App }) {
				body.Waits.Rows = append(body.Waits.Rows, row)
			}
		}
	}
	return err
}

// fillApps reads the applications with their packages.
func (c *console) fillApps(ctx context.Context, body *customerBody, apps []subscription.Application) error {
	for _, app := range apps {
		a := customerApp{Application: app, State: "Open", Actions: c.actionsFor(app, subscription.Subscription{}, subscription.Order{})}
		switch {
		case !app.ErasedAt.IsZero():
			a.State = "Erased on " + c.date(c.catalog.Zone().DateOf(app.ErasedAt)) + ". IDs and amounts stay, for the books"
		case !app.ClosedAt.IsZero():
			a.State = "Closed on " + c.date(c.catalog.Zone().DateOf(app.ClosedAt)) +
				". Refunds and chargebacks still arrive; nothing is sold, renewed or counted"
		}
		cards, err := c.cards(ctx, app)
		if err != nil {
			return err
		}
		for _, k := range cards {
			p := customerPack{card: k}
			if app.ClosedAt.IsZero() {
				p.Actions = c.actionsFor(app, k.Sub, subscription.Order{})
			}
			a.Packs = append(a.Packs, p)
		}
		body.Apps = append(body.Apps, a)
	}
	return nil
}

// fillMoney reads orders, refunds and what was taken back.
func (c *console) fillMoney(ctx context.Context, body *customerBody, apps []subscription.Application) error {
	for _, app := range apps {
		rows, err := c.orderRows(ctx, app.ID)
		if err != nil {
			return err
		}
		body.Orders = append(body.Orders, rows...)
		for r, err := range c.store.Refunds(ctx, app.ID) {
			if err != nil {
				return err
			}
			body.Refunds = append(body.Refunds, refundLine{r, refundBadge(r)})
		}
	}
	body.Orders = latest(body.Orders, func(o orderRow) time.Time { return o.PlacedAt })
	body.Refunds = latest(body.Refunds, func(r refundLine) time.Time { return r.DueAt })
	return nil
}

// latest returns the latest rows, the last one first, also of those at one instant.
func latest[T any](rows []T, at func(T) time.Time) []T {
	slices.Reverse(rows)
	slices.SortStableFunc(rows, func(a, b T) int { return at(b).Compare(at(a)) })
	return rows[:min(len(rows), latestRows)]
}

// fillUsage sums what was used on the last days.
func (c *console) fillUsage(ctx context.Context, body *customerBody, apps []subscription.Application) error {
	since := c.catalog.Zone().DateOf(c.clock.now()) - usageDays
	for _, app := range apps {
		used, err := list(c.store.Entries(ctx, app.ID), func(e subscription.Entry) bool {
			return e.Kind == subscription.EntryConsumed && e.Usage != "" && e.Day >= since
		})
		if err != nil {
			return err
		}
		for _, e := range used {
			day := usedDay{e.Day, app.ID, e.Product, 0}
			i := slices.IndexFunc(body.Usage, func(u usedDay) bool { u.Minutes = 0; return u == day })
			if i < 0 {
				i, body.Usage = len(body.Usage), append(body.Usage, day)
			}
			body.Usage[i].Minutes += e.Quantity
		}
	}
	slices.SortStableFunc(body.Usage, func(a, b usedDay) int { return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(a.App, b.App)) })
	return nil
}

// fillRecord reads mails, notes, and what staff did.
func (c *console) fillRecord(ctx context.Context, body *customerBody, apps []subscription.Application) (err error) {
	account := body.Customer.ID
	theirs := func(m mail) bool { return account != "" && m.To == account }
	if body.Mails, err = list(notesOf[mail](ctx, c.notes, mailNotes), theirs); err != nil {
		return err
	}
	body.Mails = latest(body.Mails, func(m mail) time.Time { return m.About })
	if body.Notes, err = list(notesOf[staffNote](ctx, c.notes, staffNotes+account+"/"), nil); err != nil {
		return err
	}
	slices.Reverse(body.Notes)
	for _, app := range apps {
		acted, err := list(c.store.Events(ctx, app.ID), func(e subscription.Event) bool { return e.By != "" })
		if err != nil {
			return err
		}
		body.Acted = append(body.Acted, acted...)
	}
	body.Acted = latest(body.Acted, func(e subscription.Event) time.Time { return e.At })
	body.Tell, err = c.teller(ctx, ids(apps)...)
	return err
}

// takeNote keeps a note about a customer, once for each form.
func (c *console) takeNote(w http.ResponseWriter, r *http.Request, _ customer) error {
	cu, err := c.whose(r.Context(), "", r.PathValue("account"))
	if err != nil {
		return err
	}
	text := strings.TrimSpace(r.FormValue("text"))
	if text == "" {
		return back(w, r, customerPath(cu.ID), bad("reason"))
	}
	if err := c.noteAbout(r.Context(), cu.ID, formKey(r), staffNote{c.clock.now(), staffName, text}); err != nil {
		return err
	}
	return see(w, r, customerPath(cu.ID)+"?notice=noted")
}
