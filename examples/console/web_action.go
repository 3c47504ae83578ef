package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// actionBody is the page of an action: its form and, once that was filled in, what it would do.
type actionBody struct {
	*form

	Key      string
	Lead     string
	Subject  string // what it is about
	Back     string // the page of that
	Button   string
	Final    bool
	Fields   []field
	Reason   string
	Asked    bool // the form is filled in
	Typed    []field
	Refused  *notice // why it isn't possible
	Revision int64
	Facts    []fact
	Events   []subscription.Event
	Charges  []renewal.Upcoming // for the subscription, that would follow
	Next     *next              // its next period, if nothing would be charged by itself
	Tell     teller
}

// fact is a line of what an action does to money and minutes.
type fact struct{ Name, Value string }

// seeField is in the query of a form that was filled in.
const seeField = "see"

// shownCharges is how many charges a page foretells, and dealMonths how far ahead it looks for them.
const (
	shownCharges = 4
	dealMonths   = 25
)

func (c *console) actionPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	f, err := c.formOf(r)
	if err != nil {
		return err
	}
	body := actionBody{
		form: f, Key: formKey(r), Lead: f.lead, Back: f.beyond(), Button: f.button, Final: f.final, Reason: f.value("reason"),
		Asked: r.FormValue(seeField) != "", Subject: "Application " + string(f.app.ID),
	}
	switch f.about {
	case aboutSubscription:
		body.Subject += ", " + c.productName(f.sub.Product) + " " + c.versionName(f.sub.Product, f.sub.Version())
		if f.sub.Deal != nil {
			body.Subject += ". Agreed now: " + c.dealText(f.sub)
		}
	case aboutOrder:
		body.Subject = c.orderTitle(f.order) + ", order " + string(f.order.ID)
		if f.order.Collected.Sign() > 0 {
			body.Subject += ", of which " + money(f.order.Left()) + " of " + money(f.order.Collected) + " are with the seller"
		}
	}
	if f.fields != nil {
		body.Fields = f.fields(f)
	}
	status := http.StatusOK
	if body.Asked {
		if status, err = c.foretell(r.Context(), &body); err != nil {
			return err
		}
	}
	if body.Tell, err = c.teller(r.Context(), f.app.ID); err != nil {
		return err
	}
	return c.render(w, r, status, "action", view{Title: f.title, Section: "find", Body: body})
}

// foretell says what the action would do or, if it isn't possible, why. It returns the page's status.
func (c *console) foretell(ctx context.Context, body *actionBody) (int, error) {
	change, err := c.foreseeAction(ctx, body.form)
	if err != nil {
		told, ok := errors.AsType[*pageError](c.staffTold(ctx, body.form, err))
		if !ok {
			return 0, err
		}
		body.Refused = &told.notice
		return told.status, nil
	}
	f := body.form
	body.Revision = f.app.Revision
	for _, e := range change.Events {
		if e.Type != subscription.EventRefundDue && e.Type != subscription.EventRefundMade {
			body.Events = append(body.Events, e)
		}
	}
	for name, values := range f.typed {
		for _, v := range values {
			if !slices.Contains([]string{keyField, seeField, problemField, "reason", "revision", "sure", f.about}, name) {
				body.Typed = append(body.Typed, field{Name: name, Value: v})
			}
		}
	}
	body.Typed = append(body.Typed, field{Name: "reason", Value: f.value("reason")})
	slices.SortFunc(body.Typed, func(a, b field) int { return strings.Compare(a.Name+a.Value, b.Name+b.Value) })
	if body.Facts = c.moneyFacts(f, change); len(body.Facts) == 0 {
		body.Facts = []fact{{"Money", "Nothing is charged or returned"}}
	}
	body.Facts = append(body.Facts, c.minuteFacts(f.app, change.Next)...)
	if f.about == aboutSubscription {
		if s, ok := change.Next.Latest(f.sub.Product); ok {
			body.Charges, body.Next = c.charges(change.Next, s.ID), c.next(change.Next, s)
		}
	}
	return http.StatusOK, nil
}

// foreseeAction returns the change that an action would make now, if it makes any. Nothing is stored. A person has to say why.
func (c *console) foreseeAction(ctx context.Context, f *form) (subscription.Change, error) {
	if !f.possible() {
		return subscription.Change{}, bad("not_now")
	}
	change, err := c.rehearse(func(s *subscription.Service) error { return f.do(ctx, s, newKey()) })
	switch {
	case err != nil:
	case f.value("reason") == "":
		err = bad("reason")
	case change.IsZero():
		err = bad("no_change")
	}
	return change, err
}

// moneyFacts says what goes back, and what is charged at once.
func (c *console) moneyFacts(f *form, change subscription.Change) []fact {
	var all []fact
	for _, r := range change.Refunds {
		all = append(all, fact{"Amount", money(r.Amount)})
		if len(r.Taxes) > 0 {
			all = append(all, fact{"Net", money(r.Net())})
		}
		for _, t := range r.Taxes {
			all = append(all, fact{taxText(t), money(t.Amount)})
		}
		by := "the payment provider, to where it came from"
		if r.Key == "" {
			by = "other means than the payment provider"
		}
		all = append(all, fact{"By", by})
	}
	if f.after != nil {
		for u := range renewal.Preview(change.Next, c.policy, c.catalog, c.clock.now(), c.clock.now()) {
			if !u.Charge.IsZero() {
				all = append(all, fact{"Charged at once, if the provider accepts it", money(u.Charge) + " for " + c.chargeName(u)})
			}
		}
	}
	return all
}

// minuteFacts says what becomes of the minutes of each product.
func (c *console) minuteFacts(before, after subscription.Application) []fact {
	var all []fact
	now := c.clock.now()
	for _, p := range c.catalog.Products() {
		if was, is := before.Minutes(p.ID, now), after.Minutes(p.ID, now); was != is {
			all = append(all, fact{"Minutes to spend on " + p.Name, minutesText(was) + ", then " + minutesText(is)})
		}
	}
	if len(all) == 0 {
		return []fact{{"Minutes", "They stay as they are"}}
	}
	return all
}

// charges returns the next charges for a subscription.
func (c *console) charges(app subscription.Application, id subscription.SubscriptionID) []renewal.Upcoming {
	var all []renewal.Upcoming
	now := c.clock.now()
	for u := range renewal.Preview(app, c.policy, c.catalog, now, now.AddDate(0, dealMonths, 0)) {
		if u.Subscription == id && len(u.Lines) > 0 {
			all = append(all, u)
		}
		if len(all) == shownCharges {
			break
		}
	}
	return all
}

// takeAction does what was foreseen. If something has happened since, the page says anew what it would do; if it isn't possible any
// more, it says why. A form that is sent again does nothing more.
func (c *console) takeAction(w http.ResponseWriter, r *http.Request, _ customer) error {
	f, err := c.formOf(r)
	if err != nil {
		return err
	}
	key := f.name + " " + formKey(r)
	done, err := c.requested(r.Context(), f.app.ID, key)
	if err != nil {
		return err
	}
	if !done {
		_, err := c.foreseeAction(r.Context(), f)
		switch told := noticeOf(c.staffTold(r.Context(), f, err)); {
		case told != nil: // which the page says
			return see(w, r, f.again(""))
		case err != nil:
			return err
		case r.PostForm.Get("revision") != strconv.FormatInt(f.app.Revision, 10):
			return see(w, r, f.again("changed"))
		case f.final && f.value("sure") == "":
			return see(w, r, f.again("sure"))
		}
	}
	if err := f.do(r.Context(), c.service, key); err != nil {
		told, ok := errors.AsType[*pageError](c.staffTold(r.Context(), f, err))
		if !ok {
			return err
		}
		return see(w, r, f.again(told.code))
	}
	if f.after != nil && !done {
		if err := f.after(r.Context(), c); err != nil {
			return err
		}
	}
	return see(w, r, f.beyond()+"?notice=staff-"+f.name)
}

// again returns the address of the page with what was typed, and a problem, if there is one.
func (f *form) again(problem string) string {
	path, query, _ := strings.Cut(f.Path(), "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	for name, values := range f.typed {
		if name != "revision" && name != "sure" {
			q[name] = values
		}
	}
	q.Set(seeField, "yes")
	if problem != "" {
		q.Set(problemField, problem)
	}
	return path + "?" + q.Encode()
}

// requested reports whether a request was made before, or a usage record counted.
func (c *console) requested(ctx context.Context, app subscription.ApplicationID, key string) (bool, error) {
	found, err := c.store.Load(ctx, subscription.Read{Application: app, Keys: []string{key}, Records: []string{key}})
	return err == nil && len(found[0].Receipts)+len(found[0].Records) > 0, err
}

// standsInTheWay finds the order that an error of the SDK names at its end, and why it stands in the way.
var standsInTheWay = regexp.MustCompile(`^(.*): order ([^ :]+)$`)

// staffTold says what an error means to the staff, where that is something else than what a customer is told.
func (c *console) staffTold(ctx context.Context, f *form, err error) error {
	switch {
	case errors.Is(err, subscription.ErrOrderOpen):
		return bad("staff_open")
	case errors.Is(err, subscription.ErrArrears):
		return bad("staff_arrears")
	case f.wrong != "" && errors.Is(err, subscription.ErrInvalid):
		return bad(f.wrong)
	case !errors.Is(err, subscription.ErrNotRefundable):
		return explain(err)
	}
	_, why, _ := strings.Cut(err.Error(), "order "+string(f.order.ID)+": ")
	n := notice{Kind: "bad", Title: "The refund is refused", Text: "The reason: " + why + "."}
	if parts := standsInTheWay.FindStringSubmatch(why); parts != nil {
		if other, err := c.service.Order(ctx, f.app.ID, subscription.OrderID(parts[2])); err == nil {
			n.Text = "The reason: " + parts[1] + ". Take that order back first, or take less."
			n.Link, n.Says = orderPath(other.Application, other.ID), "See "+c.orderTitle(other)
		}
	}
	return &pageError{problem{http.StatusConflict, n, false}, "not_refundable", err}
}

func staffPath(app subscription.ApplicationID) string {
	return "/staff/apps/" + url.PathEscape(string(app))
}
