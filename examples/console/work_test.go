package main

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// listed returns how many rows each list of the worklist has that isn't empty.
func (cl *client) listed() map[string]int {
	cl.t.Helper()
	lists, err := cl.c.work(cl.t.Context())
	if err != nil {
		cl.t.Fatal(err)
	}
	found := map[string]int{}
	for _, l := range lists {
		for _, row := range l.Rows {
			found[l.ID]++
			if status, _ := cl.staff().get(row.Path); status != 200 {
				cl.t.Errorf("%s: %q leads to %s, which answers %d", l.ID, row.What, row.Path, status)
			}
		}
	}
	return found
}

// Each kind of work is listed as it arises, leads to where it is done, and is gone once it is.
func TestWorkIsListedUntilItIsDone(t *testing.T) {
	for name, where := range map[string]func(*testing.T) string{
		"memory": func(*testing.T) string { return "memory" },
		"sqlite": sqliteFile,
	} {
		t.Run(name, func(t *testing.T) {
			c := openConsole(t, where(t))
			cl := signedIn(t, c, serveConsole(t, c), "cobalt")
			work := func(what string, want map[string]int) {
				t.Helper()
				got := cl.listed()
				for _, id := range []string{"reviews", "refunds", "reversals", "persons", "unpaid", "parked", "import", "health"} {
					if got[id] != want[id] {
						t.Errorf("%s: %d of %s, want %d", what, got[id], id, want[id])
					}
				}
			}
			work("the morning", map[string]int{"unpaid": 1, "health": 2})
			for _, do := range []string{"audit", "reconcile"} {
				cl.staff().post("/staff/health", url.Values{"do": {do}})
			}
			work("all is checked", map[string]int{"unpaid": 1})

			cl.buys("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
			order := cl.latest("cobalt-arena", subscription.TopUpOrder)
			cl.refunds(order, url.Values{})
			refunds, err := c.own().refundsOf(t.Context(), cl.chargeOf(order))
			if err != nil || len(refunds) != 1 {
				t.Fatalf("%d refunds (%v)", len(refunds), err)
			}
			cl.post("/demonstration/provider/reversals", url.Values{"do": {"refund-failed"}, "id": {refunds[0].Key}})
			work("a refund fails", map[string]int{"unpaid": 1, "refunds": 1})
			cl.refunds(order, url.Values{"elsewhere": {"yes"}})
			work("it is made elsewhere", map[string]int{"unpaid": 1})

			bought := cl.latest("cobalt-arena", subscription.PurchaseOrder)
			cl.post("/demonstration/provider/reversals", url.Values{"do": {"chargeback"}, "charge": {cl.chargeOf(bought)}})
			work("a chargeback", map[string]int{"unpaid": 2, "reversals": 1})
			mark := url.Values{"mark": {"refund" + bought[len("/orders"):] + "/1"}}
			_, page := cl.staff().post("/staff/done", mark)
			cl.says(page, "Please say why")
			mark.Set("text", "accepted")
			for range 2 {
				_, page = cl.staff().post("/staff/done", mark)
				cl.says(page, "It is marked as done")
			}
			work("it is decided", map[string]int{"unpaid": 2})
			_, page = cl.staff().get("/staff/customers/cobalt")
			cl.says(page, "Dispute or accept the chargeback of Purchase of Live Lite. Decided: accepted")

			if _, err := c.service.Do(t.Context(), "cobalt-arena", subscription.Flag{Note: "look at it"}, "flag"); err != nil {
				t.Fatal(err)
			}
			c.mailer.send(t.Context())
			work("something needs a person", map[string]int{"unpaid": 2, "persons": 1})

			cl.staff().post("/staff/import", url.Values{
				"file": {importHeader() + "\nmoved,nobody,live,lite,1m,USD,2026-09-02,2026-10-02,100,,no\n"}, "reason": {"x"}, "do": {"import"},
			})
			work("a line doesn't fit", map[string]int{"unpaid": 2, "persons": 1, "import": 1})
			cl.staff().post("/staff/import", url.Values{"file": {importHeader() + "\n"}, "reason": {"x"}, "do": {"import"}})

			cl.staff().post("/staff/mails", url.Values{"server": {"down"}})
			cl.buys("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}, "key": {"second"}})
			cl.acts("/staff/apps/cobalt-arena/cancel-renewal?product=live", url.Values{})
			cl.moves(pastEnds().Add(20 * time.Hour))
			if got := cl.listed(); got["parked"] == 0 {
				t.Error("no mail is parked while the server is down")
			}
			cl.staff().post("/staff/mails", url.Values{"server": {"up"}})

			// The provider collects an order of which nobody knows: the statement has it.
			key := cl.chargeOf(cl.latest("cobalt-arena", subscription.TopUpOrder))
			var m movement
			if _, err := c.notes.get(t.Context(), chargeNotes+key, &m); err != nil {
				t.Fatal(err)
			}
			m.Charge.Key = key + "x"
			m.Result = payment.Result{Key: m.Charge.Key, Status: payment.Succeeded, Amount: m.Charge.Amount, At: c.clock.now()}
			if err := c.notes.put(t.Context(), chargeNotes+m.Charge.Key, m); err != nil {
				t.Fatal(err)
			}
			_, page = cl.staff().post("/staff/health", url.Values{"do": {"reconcile"}})
			cl.says(page, "1 difference in", "A payment is in the statement, and no order has its key", "24.00 USD")
			if got := cl.listed(); got["health"] != 1 {
				t.Errorf("%d warnings, want 1", got["health"])
			}
			_, page = cl.staff().post("/staff/health", url.Values{"do": {"apply"}})
			cl.says(page, "1 difference in")
			c.mailer.send(t.Context())
			if got := cl.listed(); got["persons"] != 2 {
				t.Errorf("%d are left to a person, want 2", got["persons"])
			}
		})
	}
}

// A refund that fails after another one of its order was placed is listed, until one is placed after that, or somebody says that it
// needs none.
func TestFailedRefundBeforeAnotherIsListed(t *testing.T) {
	for _, again := range []bool{true, false} {
		cl := newClient(t, "cobalt")
		cl.buys("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
		order := cl.latest("cobalt-arena", subscription.TopUpOrder)
		cl.refunds(order, url.Values{"amount": {"5"}})
		cl.refunds(order, url.Values{"amount": {"3"}})
		refunds, err := cl.c.own().refundsOf(t.Context(), cl.chargeOf(order))
		if err != nil || len(refunds) != 2 {
			t.Fatalf("%d refunds (%v)", len(refunds), err)
		}
		first := slices.IndexFunc(refunds, func(r payment.Refund) bool { return r.Amount.Amount() == "5.00" })
		cl.post("/demonstration/provider/reversals", url.Values{"do": {"refund-failed"}, "id": {refunds[first].Key}})
		if got := cl.listed(); got["refunds"] != 1 {
			t.Fatalf("%d refunds are listed, want 1", got["refunds"])
		}
		if again {
			cl.moves(cl.c.clock.now().Add(time.Hour))
			cl.refunds(order, url.Values{"amount": {"5"}, "elsewhere": {"yes"}})
		} else {
			cl.staff().post("/staff/done", url.Values{"mark": {"refund" + order[len("/orders"):] + "/1"}, "text": {"they don't want it"}})
		}
		if got := cl.listed(); got["refunds"] != 0 {
			t.Errorf("%d refunds are listed, want none (another refund: %t)", got["refunds"], again)
		}
	}
}

// What changes nothing isn't offered, and nothing but what the page says is confirmed: an address confirms nothing in advance.
func TestActionsConfirmWhatThePageSays(t *testing.T) {
	cl := newClient(t, "cobalt")
	page, confirm := cl.foresees("/staff/apps/cobalt-arena/account", url.Values{"account": {"cobalt"}})
	cl.says(page, "This changes nothing")
	cl.saysNot(page, "What it does")
	if len(confirm) > 0 {
		t.Errorf("a form confirms %v", confirm)
	}
	page, confirm = cl.foresees("/staff/apps/cobalt-arena/close", url.Values{"sure": {"yes"}, "revision": {"1"}})
	if n := strings.Count(page, `name="sure"`); n != 1 || len(confirm["revision"]) != 1 || confirm.Get("revision") == "1" {
		t.Errorf("%d fields are sure, of the revision %v", n, confirm["revision"])
	}
}

// An order under review is listed, and a person closes it; money of another amount was collected.
func TestReviewIsClosedByStaff(t *testing.T) {
	cl := newClient(t, "cobalt")
	to, quote, _ := cl.orders("/top-up", url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}})
	cl.post(to, url.Values{"quote": {quote}, "method": {"transfer"}})
	order := cl.latest("cobalt-arena", subscription.TopUpOrder)
	key := subscription.AttemptID(cl.chargeOf(order))
	var m movement
	if _, err := cl.c.notes.get(t.Context(), chargeNotes+string(key), &m); err != nil {
		t.Fatal(err)
	}
	half, err := pricing.ParseMoney("12.00", sampleCurrency)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cl.c.service.Settle(t.Context(), key, payment.Result{
		Key: string(key), Status: payment.Succeeded, Amount: half, At: cl.c.clock.now(),
	}); err != nil {
		t.Fatal(err)
	}
	if got := cl.listed(); got["reviews"] != 1 {
		t.Fatalf("%d orders under review, want 1", got["reviews"])
	}
	path := "/staff/apps/cobalt-arena/review?order=" + order[len("/orders/cobalt-arena/"):]
	page, _ := cl.foresees(path, url.Values{"found": {"nothing"}})
	cl.says(page, "This doesn’t fit what is known of the payment")
	preview, page := cl.acts(path, url.Values{"found": {"deliver"}, "reason": {"accepted as it is"}})
	cl.says(preview, "What it does", "accepted as it is")
	cl.says(page, "The review was closed", "Paid and delivered")
	cl.acted("cobalt-arena", subscription.EventOrderPaid, "accepted as it is")
	for n := range latestRows { // the last one of them is first, though all are of one instant
		_, page = cl.acts("/staff/apps/cobalt-arena/gift", url.Values{
			"products": {"live"}, "minutes": {"1"}, "months": {"1"}, "reason": {"gift " + strconv.Itoa(n)},
		})
	}
	cl.says(page, "gift "+strconv.Itoa(latestRows-1))
	if got := cl.listed(); got["reviews"] != 0 {
		t.Errorf("%d orders under review, want none", got["reviews"])
	}
}

// What a role may not do is neither shown nor done: customers have no page of staff's, and staff none of a customer's.
func TestRoles(t *testing.T) {
	cl := newClient(t, "birch")
	for _, path := range pagesOf[staffPerson] {
		if status, page := cl.get(path); len(path) > 6 && path[:6] == "/staff" && (status != 403 || text(page) == "") {
			t.Errorf("a customer at %s: status %d", path, status)
		}
	}
	for _, path := range []string{"/staff/apps/birch-visits/gift", "/staff/done", "/staff/health", "/staff/customers/birch/notes"} {
		if status, _ := cl.post(path, url.Values{"products": {"call"}, "minutes": {"1"}, "months": {"1"}, "reason": {"x"}}); status != 403 {
			t.Errorf("a customer sends %s: status %d", path, status)
		}
	}
	_, page := cl.get("/")
	cl.saysNot(page, "Reports", "Books", "Health", "seller’s side")
	staff := cl.staff()
	for _, path := range []string{"/packages", "/payment", "/tax", "/apps/birch-visits/call", "/order?product=call"} {
		if status, _ := staff.get(path); status != 403 {
			t.Errorf("staff at %s: status %d", path, status)
		}
	}
	for _, path := range []string{"/apps/birch-visits/call/auto", "/payment/deposit", orderPath("birch-visits", "x") + "/cancel"} {
		if status, _ := staff.post(path, url.Values{"on": {"no"}, "amount": {"1"}}); status != 403 {
			t.Errorf("staff sends %s: status %d", path, status)
		}
	}
	if _, page := staff.get("/"); text(page) == "" {
		t.Error("staff has no first page")
	}
}

// One field finds a customer by whatever they say.
func TestFind(t *testing.T) {
	cl := newClient(t, staffID)
	var o subscription.Order
	for found, err := range cl.c.store.Orders(t.Context(), "cobalt-arena") {
		if err != nil {
			t.Fatal(err)
		}
		o = found
	}
	for q, want := range map[string]string{
		"cobalt": "Cobalt Games", "COBALT GAMES": "Cobalt Games", "billing@cobalt.example": "Cobalt Games", "cobalt-arena": "Cobalt Games",
		string(o.ID): "Purchase of Live Lite", string(o.Attempt): "Purchase of Live Lite", "": "Dogwood Radio", "zzz": "Nothing is found for “zzz”",
		o.Reference: "Purchase of Live Lite",
	} {
		_, page := cl.get("/staff/find?q=" + url.QueryEscape(q))
		cl.says(page, want)
	}
}
