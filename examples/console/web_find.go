package main

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	findPath = "/staff/find"
	findMost = 50 // hits
)

// findBody is what was found for what somebody typed.
type findBody struct {
	Query string
	Hits  []hit
	More  bool
}

// hit is something that was found.
type hit struct{ What, Text, Path string }

// findPage finds customers by what they say on the telephone. What is found alone is shown at once.
func (c *console) findPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	body := findBody{Query: strings.TrimSpace(r.FormValue("q"))}
	hits, err := c.find(r.Context(), body.Query)
	if err != nil {
		return err
	}
	if len(hits) == 1 && body.Query != "" {
		return see(w, r, hits[0].Path)
	}
	body.Hits, body.More = hits[:min(len(hits), findMost)], len(hits) > findMost
	return c.render(w, r, http.StatusOK, "find", view{Title: "Customers", Section: "find", Body: body})
}

// find returns the customers whose account, name or mail address has a text; and the application, the order and the refund whose
// ID, key or reference at the provider it is. It reads all orders: a seller with many keeps an index of references.
func (c *console) find(ctx context.Context, q string) ([]hit, error) {
	all, err := c.customers(ctx)
	if err != nil {
		return nil, err
	}
	var hits []hit
	lower := strings.ToLower(q)
	for _, cu := range all {
		if strings.Contains(strings.ToLower(cu.Name+"\n"+cu.mail()+"\n"+cu.ID), lower) {
			hits = append(hits, hit{"Customer", cu.Name + ", " + cu.mail(), customerPath(cu.ID)})
		}
	}
	if q == "" {
		return hits, nil
	}
	for id, err := range c.store.Applications(ctx) {
		if err != nil {
			return nil, err
		}
		if strings.Contains(strings.ToLower(string(id)), lower) {
			hits = append(hits, hit{"Application", string(id), staffPath(id)})
		}
		for o, err := range c.store.Orders(ctx, id) {
			if err != nil {
				return nil, err
			}
			if slices.Contains([]string{string(o.ID), string(o.Attempt), o.Reference}, q) {
				hits = append(hits, hit{"Order", c.orderTitle(o) + " of " + string(id) + ", " + money(o.Amount), orderPath(id, o.ID)})
			}
		}
	}
	for r, err := range c.store.RefundsBetween(ctx, time.Time{}, time.Time{}) {
		if err != nil {
			return nil, err
		}
		if slices.Contains([]string{r.ID, r.Key, r.Reference}, q) {
			hits = append(hits, hit{"Refund", money(r.Amount) + " of order " + string(r.Order), orderPath(r.Application, r.Order)})
		}
	}
	return single(hits), nil
}

// single leaves out an application whose customer was found by the same text, if that is all.
func single(hits []hit) []hit {
	if len(hits) > 1 && hits[0].What == "Customer" &&
		!slices.ContainsFunc(hits[1:], func(h hit) bool { return h.What != "Application" }) {
		return hits[:1]
	}
	return hits
}

// mail is the customer's mail address, which is the demonstration's.
func (cu customer) mail() string { return "billing@" + cmp.Or(cu.ID, "nobody") + ".example" }

func customerPath(account string) string { return "/staff/customers/" + url.PathEscape(account) }
