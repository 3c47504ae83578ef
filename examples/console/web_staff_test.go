package main

import (
	"html"
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

// staff is the seller's staff at the same console.
func (cl *client) staff() *client {
	cl.t.Helper()
	if cl.account == staffID {
		return cl
	}
	return signedIn(cl.t, cl.c, cl.base, staffID)
}

// foresees asks, as staff, what an action would do, and returns what the page says and the form that confirms it.
func (cl *client) foresees(path string, form url.Values) (page string, confirm url.Values) {
	cl.t.Helper()
	if form.Get("reason") == "" {
		form.Set("reason", "a reason")
	}
	form.Set("see", "yes")
	more := "?"
	if strings.Contains(path, "?") {
		more = "&"
	}
	_, page = cl.staff().get(path + more + form.Encode())
	_, does, _ := strings.Cut(page, `id="does"`)
	does, _, _ = strings.Cut(does, `method="get"`)
	confirm = url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(does, -1) {
		confirm.Add(field[1], html.UnescapeString(field[2]))
	}
	if strings.Contains(does, `name="sure"`) {
		confirm.Set("sure", "yes")
	}
	return page, confirm
}

// acts foresees an action and confirms it, twice: it is done once.
func (cl *client) acts(path string, form url.Values) (preview, page string) {
	cl.t.Helper()
	preview, confirm := cl.foresees(path, form)
	for range 2 {
		_, page = cl.staff().post(path, confirm)
	}
	return preview, page
}

// Minutes are given once, however often the form is sent, with the reason in the books; what is mistyped is told with the
// form as it was.
func TestStaffGivesMinutes(t *testing.T) {
	cl := newClient(t, "aurora")
	form := url.Values{"products": {"call", "live"}, "minutes": {"1,500"}, "months": {"2"}, "reason": {" an outage "}}
	preview, page := cl.acts(classroom+"/gift", form)
	cl.says(preview, "Money Nothing is charged or returned Minutes to spend on Call", "Minutes to spend on Live 50,000, then 51,500")
	cl.says(page, "The minutes were given", "What was given was delivered.", "an outage")
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
	_, page = cl.get("/minutes?app=aurora-classroom")
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
		{url.Values{"products": {"call"}, "minutes": {"0"}, "months": {"1"}}, "Please enter a number of minutes"},
		{url.Values{"products": {"call"}, "minutes": {"10"}, "months": {"37"}}, "for how many months"},
	} {
		status, page := cl.staff().post(classroom+"/gift", wrong.form)
		cl.says(page, wrong.says)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%v: status %d", wrong.form, status)
		}
	}
	if !strings.Contains(page, "Gift of minutes") {
		t.Error("the order isn't there any more")
	}
	if status, _ := cl.staff().post("/staff/apps/nobody/gift", form); status != http.StatusNotFound {
		t.Errorf("an application that doesn't exist: status %d", status)
	}
}

// Another customer pays from now on, and sees the application; what was ordered before stays with the one who paid it.
func TestStaffChangesWhoPays(t *testing.T) {
	cl := newClient(t, "aurora")
	_, page := cl.staff().post(classroom+"/account", url.Values{"account": {"nobody"}, "reason": {"x"}})
	cl.says(page, "Please choose who pays")
	_, page = cl.acts(classroom+"/account", url.Values{"account": {"cobalt"}, "reason": {"a merger"}})
	cl.says(page, "Another account pays from now on", "Cobalt Games", "Application aurora-classroom")
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
	says, _ := cl.foresees(page+"/erase", url.Values{})
	cl.says(says, "This isn’t possible now") // it isn't closed
	_, confirm := cl.foresees(page+"/close", url.Values{"reason": {"left"}})
	confirm.Del("sure")
	_, says = cl.staff().post(page+"/close", confirm)
	cl.says(says, "Please confirm that it can't be undone")
	_, says = cl.acts(page+"/close", url.Values{"reason": {"left"}})
	cl.says(says, "The application is closed", "Closed on 16 Sep 2026", "Erase what identifies a person")
	cl.saysNot(says, "Give minutes")
	cl.acted("cobalt-arena", subscription.EventClosed, "left")
	says, _ = cl.foresees(page+"/gift", url.Values{"products": {"live"}, "minutes": {"10"}, "months": {"1"}})
	cl.says(says, "This isn’t possible now")
	_, says = cl.acts(page+"/erase", url.Values{})
	cl.says(says, "What identifies a person was erased", "Erased on 16 Sep 2026")
	app, err := cl.c.service.Application(t.Context(), "cobalt-arena")
	if err != nil || app.Account != "" {
		t.Errorf("%q pays, %v", app.Account, err)
	}
	for q, want := range map[string]string{"cobalt-arena": "Erased customer Application cobalt-arena", "birch-visits": "Birch Clinic Who it is Account birch"} {
		_, says = cl.staff().get("/staff/find?q=" + q)
		cl.says(says, want)
	}
}

// While an order waits for its payment, an application neither moves nor closes.
func TestStaffWaits(t *testing.T) {
	cl := newClient(t, "cobalt")
	to, quote, _ := cl.orders("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
	cl.post(to, url.Values{"quote": {quote}, "method": {"transfer"}})
	for _, action := range []string{"account", "close"} {
		says, _ := cl.foresees("/staff/apps/cobalt-arena/"+action, url.Values{"account": {"birch"}})
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
	status, page := cl.staff().post("/staff/import", form)
	cl.says(page, "2 to import, nothing is stored yet. There before: 0. Refused: 3.", "Import 2",
		"2 moved-1 Call 1-to-1 Call 30 Sep 2026 4,321.5 To import", "4 moved-3 Refused: The account is no customer here",
		"5 moved-4 Refused: term:", "6 moved-5 Refused:")
	if status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if status, _ := cl.staff().get("/staff/apps/moved-1"); status != http.StatusNotFound {
		t.Errorf("a dry run stores: status %d", status)
	}
	form.Set("do", "import")
	_, page = cl.staff().post("/staff/import", form)
	cl.says(page, "2 imported. There before: 0. Refused: 3.", "2 moved-1 Call 1-to-1 Call 30 Sep 2026 4,321.5 Imported")
	_, page = cl.staff().post("/staff/import", form)
	cl.says(page, "0 imported. There before: 2. Refused: 3.")
	cl.acted("moved-1", subscription.EventOpened, "migration")
	_, page = cl.get("/products/call?app=moved-1")
	cl.says(page, "Current period 31 Aug – 29 Sep 2026", "4,321.5")
	_, page = cl.get("/orders")
	cl.says(page, "Taken over: Call 1-to-1 Call")

	for _, wrong := range []struct{ file, says string }{
		{"", "Nothing was imported. the header: EOF"},
		{"application,account\n", "Nothing was imported. the header: no column"},
	} {
		status, page = cl.staff().post("/staff/import", url.Values{"file": {wrong.file}, "do": {"import"}, "reason": {"x"}})
		cl.says(page, wrong.says)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%q: status %d", wrong.file, status)
		}
	}
	_, page = cl.staff().post("/staff/import", url.Values{"file": {strings.Repeat("x", maxBody)}})
	cl.says(page, "The file is too large for this page")
}
