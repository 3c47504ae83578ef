package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// action is something that the seller's staff does for a customer. All go the same way: a form with a reason, a page that tells what
// it would do, and a button that does that once. Who did it, and why, is in the events that follow.
type action struct {
	name   string // in the address
	about  string // what it is about: an application, or one of its subscriptions or orders
	title  string
	lead   string
	button string
	wrong  string             // the problem with a form that the SDK calls invalid; "" for one of ours
	final  bool               // it can't be undone, which has to be confirmed
	can    func(f *form) bool // it is possible now; nil: as long as the application isn't closed
	fields func(f *form) []field

	// command returns what the form asks for. An action that corrects usage has a record instead.
	command func(f *form) (subscription.Command, error)
	record  func(f *form) (subscription.Usage, error)
	after   func(ctx context.Context, c *console) error // follows; nil: nothing
}

// What an action is about.
const (
	aboutApplication  = "application"
	aboutSubscription = "product"
	aboutOrder        = "order"
)

// field is a field of an action's form, with what was typed.
type field struct {
	Name, Label string
	Type        string // text, amount, number, select, radio, boxes or box
	Value       string
	Options     []option
	Of          string // the option that it belongs to
}

// option is a choice of a field.
type option struct {
	Value, Text string
	Chosen      bool
}

// form is what an action is about, and what was typed.
type form struct {
	*action

	c         *console
	customers []customer // who can pay
	typed     url.Values
	app       subscription.Application
	sub       subscription.Subscription // of an action about one
	order     subscription.Order        // likewise
}

// value returns what was typed into a field.
func (f *form) value(name string) string { return strings.TrimSpace(f.typed.Get(name)) }

// choice returns a select, a radio or, for several values, boxes. What was chosen to begin with stays so until something is sent.
func (f *form) choice(kind, name, label string, options ...option) field {
	for i := range options {
		if typed, sent := f.typed[name]; sent {
			options[i].Chosen = slices.Contains(typed, options[i].Value)
		}
	}
	return field{Name: name, Label: label, Type: kind, Options: options}
}

// text returns a field to type into, with a value to begin with.
func (f *form) text(kind, name, label, first string) field {
	v := f.value(name)
	if _, sent := f.typed[name]; !sent {
		v = first
	}
	return field{Name: name, Label: label, Type: kind, Value: v}
}

// possible reports whether the action makes sense now.
func (f *form) possible() bool {
	if f.can == nil {
		return f.app.ClosedAt.IsZero()
	}
	return f.can(f)
}

// do runs the action on a service, under a key.
func (f *form) do(ctx context.Context, s *subscription.Service, key string) error {
	s = s.As(staffName, f.value("reason"))
	if f.record == nil {
		cmd, err := f.command(f)
		if err != nil {
			return err
		}
		_, err = s.Do(ctx, f.app.ID, cmd, key)
		return err
	}
	u, err := f.record(f)
	if err != nil {
		return err
	}
	u.ID = key
	results, err := s.Consume(ctx, f.app.ID, u)
	if err != nil {
		return err
	}
	return results[0].Err
}

// Path is the address of the action.
func (f *form) Path() string {
	path := staffPath(f.app.ID) + "/" + f.name
	if about := f.About(); about != nil {
		path += "?" + about.Name + "=" + url.QueryEscape(about.Value)
	}
	return path
}

// About is the field that names what the action is about, or nil if that is the application.
func (f *form) About() *field {
	switch f.about {
	case aboutSubscription:
		return &field{Name: f.about, Value: string(f.sub.Product)}
	case aboutOrder:
		return &field{Name: f.about, Value: string(f.order.ID)}
	}
	return nil
}

// Title is what the link to the action says.
func (f *form) Title() string { return f.title }

// beyond is where an action leads to: the page of what it is about.
func (f *form) beyond() string {
	if f.about == aboutOrder {
		return orderPath(f.app.ID, f.order.ID)
	}
	return staffPath(f.app.ID)
}

// formOf returns the form of an action that a request names, as it was typed.
func (c *console) formOf(r *http.Request) (*form, error) {
	if err := r.ParseForm(); err != nil {
		return nil, errNoPage
	}
	i := slices.IndexFunc(actions, func(a action) bool { return a.name == r.PathValue("action") })
	if i < 0 {
		return nil, errNoPage
	}
	app, err := c.service.Application(r.Context(), subscription.ApplicationID(r.PathValue("app")))
	if err != nil {
		return nil, err
	}
	f := &form{action: &actions[i], c: c, typed: r.Form, app: app}
	if f.customers, err = c.customers(r.Context()); err != nil {
		return nil, err
	}
	switch f.about {
	case aboutSubscription:
		var has bool
		if f.sub, has = app.Latest(pricing.ProductID(r.FormValue("product"))); !has {
			return nil, errNoPage
		}
	case aboutOrder:
		if f.order, err = c.service.Order(r.Context(), app.ID, subscription.OrderID(r.FormValue("order"))); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// actionsFor returns the actions that are possible now about an application or, if they aren't zero, one of its subscriptions or
// orders.
func (c *console) actionsFor(app subscription.Application, sub subscription.Subscription, o subscription.Order) []*form {
	about := aboutApplication
	switch {
	case o.ID != "":
		about = aboutOrder
	case sub.ID != "":
		about = aboutSubscription
	}
	var all []*form
	for i := range actions {
		f := &form{action: &actions[i], c: c, app: app, sub: sub, order: o}
		if f.about == about && f.possible() {
			all = append(all, f)
		}
	}
	return all
}
