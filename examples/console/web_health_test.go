package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// The audit is run when it is asked for, and its verdict stays on the page.
func TestHealthAudit(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.staff().get("/staff/health")
	cl.saysNot(page, "No finding")
	_, page = cl.staff().post("/staff/health", url.Values{"do": {"audit"}})
	cl.says(page, "No finding in 5 applications. Audited on 16 Sep 2026, 10:00. Run the audit again")
	cl.moves(pastEnds().AddDate(0, 1, 0))
	_, page = cl.staff().get("/staff/health")
	cl.says(page, "Audited on 16 Sep 2026, 10:00.")
	_, page = cl.staff().post("/staff/health", url.Values{"do": {"audit"}})
	cl.says(page, "No finding in 5 applications. Audited on 16 Oct 2026, 10:00.")
}

// tampered is a store in which somebody added a minute to what is left of a customer's.
type tampered struct{ shop }

func (s tampered) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	all, err := s.shop.Load(ctx, reads...)
	for i := range all {
		if app := &all[i].Application; app.ID == "cobalt-arena" {
			for n := range app.Lots {
				app.Lots[n].Remaining += subscription.Minutes(1)
			}
		}
	}
	return all, err
}

// What the audit finds is told, with where it is.
func TestHealthFindings(t *testing.T) {
	cl := newClient(t, "aurora")
	cl.c.store = tampered{cl.c.store}
	_, page := cl.staff().post("/staff/health", url.Values{"do": {"audit"}})
	cl.says(page, "2 findings in 5 applications.", "minutes 11105 of 60000 are left and 0 reserved, by its entries 11104 of 60000 and 0")
	cl.saysNot(page, "No finding")
}

// The worker's last round and the relay's lag are told, and what failed.
func TestHealthOfTheBackground(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.staff().get("/staff/health")
	cl.says(page, "Renewal worker Well Last round 16 Sep 2026, 06:00", "Failed since one succeeded 0 Applications left undone 0",
		"Relay of mails Well Changes that it hasn’t seen 0 Applications that are parked none")
	if err := cl.c.store.NewFeed(t.Context()); err != nil {
		t.Fatal(err)
	}
	cl.post("/allowlist", nil)
	status, page := cl.staff().get("/staff/health")
	cl.says(page, "Relay of mails Failing", "the feed can't be read from this cursor")
	if status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

// Nobody who isn't signed in sees what is the seller's, and a form of another site runs nothing.
func TestSellersPagesAreSignedIn(t *testing.T) {
	cl := newClient(t, "aurora")
	foreign := cl.request(http.MethodPost, "/staff/mails", strings.NewReader("server=down"))
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, _ := cl.send(foreign); status != http.StatusForbidden {
		t.Errorf("a form of another site: status %d", status)
	}
	cl.post("/sign-out", url.Values{})
	for _, path := range []string{"/staff/mails", "/staff/reports", "/staff/books", "/staff/books/postings.csv", "/staff/health"} {
		if _, page := cl.get(path); !strings.Contains(page, "Sign in to the console") {
			t.Errorf("%s is shown", path)
		}
	}
}
