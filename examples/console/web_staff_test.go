package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

const classroom = "/staff/apps/aurora-classroom"

// acted returns the last event of a type, and fails unless the seller's staff caused it for that reason.
func (cl *client) acted(app subscription.ApplicationID, kind subscription.EventType, why string) {
	cl.t.Helper()
	found := false
	for e, err := range cl.c.store.Events(cl.t.Context(), app) {
		if err != nil {
			cl.t.Fatal(err)
		}
		found = found || e.Type == kind && e.By == staffName && e.Why == why
	}
	if !found {
		cl.t.Errorf("%s has no %s by the staff for %q", app, kind, why)
	}
}

// Minutes are given once, however often the form is sent, with the reason in the books; what is mistyped is told with the
// form as it was.
func TestStaffGivesMinutes(t *testing.T) {
	cl := newClient(t, "aurora")
	form := url.Values{"key": {"g"}, "product": {"call", "live"}, "minutes": {"1,500"}, "months": {"2"}, "reason": {" an outage "}}
	for range 2 {
		_, page := cl.post(classroom+"/gift", form)
		cl.says(page, "The minutes were given")
	}
	cl.acted("aurora-classroom", subscription.EventOrderPaid, "an outage")
	n := 0
	for o, err := range cl.c.store.Orders(t.Context(), "aurora-classroom") {
		if err != nil {
			t.Fatal(err)
		}
		if o.Kind == subscription.GiftOrder {
			n++
			if o.Amount.Sign() != 0 || o.Deliveries[0].Grant.Minutes != 1500 {
				t.Errorf("a gift of %+v for %s", o.Deliveries[0].Grant, o.Amount)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d gifts, want 1", n)
	}
	_, page := cl.get("/minutes?app=aurora-classroom")
	cl.says(page, "1,500")
	_, page = cl.get("/activity?app=aurora-classroom")
	cl.says(page, "The seller gave minutes.")
	_, page = cl.get("/orders")
	cl.says(page, "Gift of minutes")
	for _, wrong := range []struct {
		form url.Values
		says string
	}{
		{url.Values{"minutes": {"10"}, "months": {"1"}}, "Please choose a product"},
		{url.Values{"product": {"call"}, "minutes": {"0"}, "months": {"1"}}, "Please enter a number of minutes"},
		{url.Values{"product": {"call"}, "minutes": {"10"}, "months": {"37"}}, "for how many months"},
	} {
		status, page := cl.post(classroom+"/gift", wrong.form)
		cl.says(page, wrong.says)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%v: status %d", wrong.form, status)
		}
	}
	if !strings.Contains(page, "Gift of minutes") {
		t.Error("the order isn't there any more")
	}
	if status, _ := cl.post("/staff/apps/nobody/gift", form); status != http.StatusNotFound {
		t.Errorf("an application that doesn't exist: status %d", status)
	}
}

// Another customer pays from now on, and sees the application; what was ordered before stays with the one who paid it.
func TestStaffChangesWhoPays(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.post(classroom+"/account", url.Values{"account": {"nobody"}, "reason": {"x"}})
	cl.says(page, "Please choose who pays")
	_, page = cl.post(classroom+"/account", url.Values{"account": {"cobalt"}, "reason": {"a merger"}})
	cl.says(page, "Another account pays from now on", "cobalt pays for it")
	cl.acted("aurora-classroom", subscription.EventAccountChanged, "a merger")
	if status, _ := cl.get("/apps/aurora-classroom/pay-as-you-go"); status != http.StatusNotFound {
		t.Errorf("the application of somebody else: status %d", status)
	}
	for o, err := range cl.c.store.Orders(t.Context(), "aurora-classroom") {
		if err != nil || o.Account != "aurora" {
			t.Errorf("order %s of %q, %v", o.ID, o.Account, err)
		}
	}
	other := signedIn(t, cl.c, cl.base, "cobalt")
	if status, _ := other.get("/apps/aurora-classroom/pay-as-you-go"); status != http.StatusOK {
		t.Errorf("its own application: status %d", status)
	}
}

// An application is closed only when nothing is unresolved and somebody is sure. Then nothing is sold to it, and it can be
// erased.
func TestStaffClosesAndErases(t *testing.T) {
	cl := newClient(t, "cobalt")
	const page = "/staff/apps/cobalt-arena"
	_, says := cl.post(page+"/close", url.Values{"reason": {"left"}})
	cl.says(says, "Please confirm that it can't be undone")
	_, says = cl.post(page+"/erase", url.Values{"sure": {"yes"}})
	cl.says(says, "This request can't be done") // it isn't closed
	_, says = cl.post(page+"/close", url.Values{"reason": {"left"}, "sure": {"yes"}})
	cl.says(says, "The application is closed", "Closed on 16 Sep 2026", "Erase what identifies a person")
	cl.saysNot(says, "Give minutes")
	cl.acted("cobalt-arena", subscription.EventClosed, "left")
	_, says = cl.post(page+"/gift", url.Values{"product": {"live"}, "minutes": {"10"}, "months": {"1"}})
	cl.says(says, "This application is closed")
	_, says = cl.post(page+"/erase", url.Values{})
	cl.says(says, "Please confirm that it can't be undone")
	_, says = cl.post(page+"/erase", url.Values{"sure": {"yes"}, "key": {"e"}})
	cl.says(says, "What identifies a person was erased", "Erased on 16 Sep 2026")
	_, says = cl.post(page+"/erase", url.Values{"sure": {"yes"}, "key": {"e"}})
	cl.says(says, "Erased on 16 Sep 2026")
	app, err := cl.c.service.Application(t.Context(), "cobalt-arena")
	if err != nil || app.Account != "" {
		t.Errorf("%q pays, %v", app.Account, err)
	}
	_, says = cl.get("/staff")
	cl.says(says, "cobalt-arena erased Erased", "aurora-classroom aurora Open")
	if _, says = cl.get("/staff?app=birch-visits"); !strings.Contains(says, "birch pays for it") {
		t.Errorf("opened by its ID: %s", text(says))
	}
}

// While an order waits for its payment, an application neither moves nor closes.
func TestStaffWaits(t *testing.T) {
	cl := newClient(t, "cobalt")
	to, quote, _ := cl.orders("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
	cl.post(to, url.Values{"quote": {quote}, "method": {"transfer"}})
	for _, form := range []string{"account", "close"} {
		_, says := cl.post("/staff/apps/cobalt-arena/"+form, url.Values{"account": {"birch"}, "sure": {"yes"}})
		cl.says(says, "Something is unresolved")
	}
}

// A file is checked before anything is stored, imported once, and what is refused is told with its line.
func TestStaffImports(t *testing.T) {
	cl := newClient(t, "aurora")
	file := importHeader() + "\n" +
		"moved-1,aurora,call,one-to-one,1m,USD,2026-08-31,2026-09-30,4321.5,150.00,yes\n" +
		"moved-2,birch,live,lite,1m,USD,2026-09-02,2026-10-02,100,,no\n" +
		"moved-3,zephyr,live,lite,1m,USD,2026-09-02,2026-10-02,100,,no\n" +
		"moved-4,birch,live,lite,monthly,USD,2026-09-02,2026-10-02,100,,no\n" +
		"moved-5,birch,live,lite,1m,USD,2026-08-01,2026-09-01,100,,no\n"
	form := url.Values{"file": {file}, "source": {"the old system"}, "reason": {"migration"}, "do": {"check"}}
	status, page := cl.post("/staff/import", form)
	cl.says(page, "2 to import, nothing is stored yet. There before: 0. Refused: 3.", "Import 2",
		"2 moved-1 Call 1-to-1 Call 30 Sep 2026 4,321.5 To import", "4 moved-3 Refused: The account is no customer here",
		"5 moved-4 Refused: term:", "6 moved-5 Refused:")
	if status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if status, _ := cl.get("/staff/apps/moved-1"); status != http.StatusNotFound {
		t.Errorf("a dry run stores: status %d", status)
	}
	form.Set("do", "import")
	_, page = cl.post("/staff/import", form)
	cl.says(page, "2 imported. There before: 0. Refused: 3.", "2 moved-1 Call 1-to-1 Call 30 Sep 2026 4,321.5 Imported")
	_, page = cl.post("/staff/import", form)
	cl.says(page, "0 imported. There before: 2. Refused: 3.")
	cl.acted("moved-1", subscription.EventOpened, "migration")
	_, page = cl.get("/products/call?app=moved-1")
	cl.says(page, "Current period 31 Aug – 29 Sep 2026", "4,321.5")
	_, page = cl.get("/orders")
	cl.says(page, "Taken over: Call 1-to-1 Call")

	for _, wrong := range []struct{ file, says string }{
		{"", "The file can’t be read. the header: EOF"},
		{"application,account\n", "The file can’t be read. the header: no column"},
	} {
		status, page = cl.post("/staff/import", url.Values{"file": {wrong.file}, "do": {"import"}})
		cl.says(page, wrong.says)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%q: status %d", wrong.file, status)
		}
	}
	_, page = cl.post("/staff/import", url.Values{"file": {strings.Repeat("x", maxBody)}})
	cl.says(page, "The file is too large for this page")
}
