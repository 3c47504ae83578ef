package main

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// nextChoice is a version and term that the customer can choose for the next period, with what that costs, or why it can't
// be chosen.
type nextChoice struct {
	next

	Value   string // in the form: version, term, and the total that was shown, in minor units
	Present bool   // what the last period is of; choosing it undoes a change
	Why     string
}

// nextChoices returns what can be chosen for the next period of a subscription. It is empty for a product that doesn't
// allow it, and for a package that never renews.
func (c *console) nextChoices(app subscription.Application, s subscription.Subscription) []nextChoice {
	over := s.Status.Over()
	if p, err := c.catalog.Product(s.Product); err != nil || !p.ChangesAtRenewal || s.Trial || over {
		return nil
	}
	var all []nextChoice
	for _, v := range c.catalog.Versions(s.Product) {
		for _, term := range c.catalog.Terms(s.Product, v.ID) {
			if _, err := c.catalog.List(s.Product, v.ID, term, s.Currency); err != nil || v.IsTrial() {
				continue
			}
			if choice := c.nextChoice(app, s, v, term); !v.Withdrawn || choice.Present {
				all = append(all, choice)
			}
		}
	}
	return all
}

// nextChoice makes the change without storing it.
func (c *console) nextChoice(app subscription.Application, s subscription.Subscription, v pricing.Version, term pricing.Term) nextChoice {
	choice := nextChoice{Present: isLast(s, v.ID, term)}
	choice.Name, choice.Version, choice.Term = v.Name, v.ID, term
	if choice.Present {
		s.Planned = nil
	} else {
		cmd := subscription.ChangeAtRenewal{Product: s.Product, Version: v.ID, Term: term}
		change, err := cmd.Decide(subscription.Snapshot{Application: app}, c.catalog, c.clock.now())
		if err != nil {
			choice.Why = "It isn't possible now"
			if told := noticeOf(explain(err)); told != nil {
				choice.Why = told.Title
			}
			return choice
		}
		s, _ = change.Next.Latest(s.Product)
	}
	n := c.next(app, s)
	if n == nil {
		choice.Why = "It isn't for sale anymore"
		return choice
	}
	choice.next = *n
	choice.Value = strings.Join([]string{string(v.ID), termCode(term), strconv.FormatInt(n.Total.Minor(), 10)}, "/")
	return choice
}

// chooseNext chooses another version or term for the next period, or undoes that. It costs nothing before the renewal; the
// price must be the one that the form has shown.
func (c *console) chooseNext(w http.ResponseWriter, r *http.Request, cu customer) error {
	app, err := c.application(r.Context(), cu, r.PathValue("app"))
	if err != nil {
		return err
	}
	product := pricing.ProductID(r.PathValue("product"))
	chosen := r.FormValue("next")
	key := "next " + chosen + " " + formKey(r)
	s, ok := app.Latest(product)
	if !ok {
		return errNoPage
	}
	cmd, said := subscription.ChangeAtRenewal{Product: product}, "next-undone"
	if chosen != "undo" {
		parts := strings.Split(chosen, "/")
		if len(parts) != 3 {
			return back(w, r, managePath(app.ID, product), bad("next"))
		}
		cmd.Version, cmd.Term = pricing.VersionID(parts[0]), parseTerm(parts[1])
		if !isLast(s, cmd.Version, cmd.Term) {
			said = "next-chosen"
		}
	}
	done, err := c.requested(r.Context(), app.ID, key)
	if err != nil {
		return err
	}
	if !done && chosen != "undo" && !c.offered(app, s, chosen) {
		return back(w, r, managePath(app.ID, product), bad("next_changed"))
	}
	if _, err := c.service.Do(r.Context(), app.ID, cmd, key); err != nil {
		return back(w, r, managePath(app.ID, product), err)
	}
	return see(w, r, productPath(product, app.ID)+"&notice="+said)
}

// offered reports whether a choice is among those that are offered now, at the same price.
func (c *console) offered(app subscription.Application, s subscription.Subscription, chosen string) bool {
	for _, choice := range c.nextChoices(app, s) {
		if choice.Why == "" && choice.Value == chosen {
			return true
		}
	}
	return false
}
