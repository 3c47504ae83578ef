package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// mailed returns the mails of a console as application, time and subject, and when they were sent if that was later, the
// earliest first.
func mailed(t *testing.T, c *console) []string {
	t.Helper()
	keys, err := c.mailServer().sent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, key := range slices.Backward(keys) {
		var m mail
		if ok, err := c.notes.get(t.Context(), key, &m); err != nil || !ok {
			t.Fatalf("%s: %t, %v", key, ok, err)
		}
		line := fmt.Sprintf("%s: %s %s", m.Application, m.About.In(c.zone()).Format("2 Jan 15:04"), m.Subject)
		if !m.SentAt.Equal(m.About) {
			line += ", sent " + m.SentAt.In(c.zone()).Format("2 Jan 15:04")
		}
		all = append(all, line)
	}
	return all
}

// mailsOf returns the mails about an application, without its name.
func mailsOf(mails []string, app string) []string {
	var some []string
	for _, m := range mails {
		if rest, its := strings.CutPrefix(m, app+": "); its {
			some = append(some, rest)
		}
	}
	return some
}

// Customers are told what comes, what failed and what ended: a failed renewal once, although it is tried again and again.
func TestMailsOfThePast(t *testing.T) {
	cl := newClient(t, "aurora")
	mails := mailed(t, cl.c)
	for app, want := range map[string][]string{
		"birch-visits": {
			"9 Aug 00:00 Your package renews soon", "13 Aug 00:00 Your package renews soon", "15 Aug 00:00 Your package was renewed",
			"9 Sep 00:00 Your package renews soon", "13 Sep 00:00 Your package renews soon", "15 Sep 00:00 Your renewal failed",
		},
		"dogwood-waves": {
			"9 Sep 00:00 Your package ends soon", "13 Sep 00:00 Your package ends soon", "15 Sep 00:00 Your package ends soon",
			"16 Sep 00:00 Your package has ended",
		},
		"cobalt-arena": {
			"11 Sep 00:00 Your package ends soon", "15 Sep 00:00 Your package ends soon", "15 Sep 20:00 Your minutes run low",
		},
	} {
		if diff := cmp.Diff(want, mailsOf(mails, app)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", app, diff)
		}
	}
	_, page := cl.staff().get("/staff/mails")
	cl.says(page, "30 mails, the latest first Your package has ended To Dogwood Radio, about dogwood-waves 16 Sep 2026, 00:00",
		"Your renewal failed To Birch Clinic, about birch-visits 15 Sep 2026, 00:00 Renewal of Call 1-to-1 Call for 199.00 USD "+
			"was declined: there isn’t enough money. Update your payment method, or renew by hand.")
	cl.saysNot(page, "Parked")
}

// While the mail server is down, applications with something to tell are parked, and what follows waits. Once it is up again,
// everything is sent in order.
func TestMailServerIsDown(t *testing.T) {
	cl := newClient(t, staffID)
	before := len(mailed(t, cl.c))
	_, page := cl.staff().post("/staff/mails", url.Values{"server": {"down"}})
	cl.says(page, "The mail server is down. Mails wait until it is up again.")
	cl.moves(pastEnds().AddDate(0, 0, 2))
	_, page = cl.staff().get("/staff/mails")
	cl.says(page, "Parked 3 applications", "cobalt-arena 3 times the mail server doesn't answer",
		"dogwood-waves 3 times the mail server doesn't answer", "birch-visits 3 times the mail server doesn't answer")
	if n := len(mailed(t, cl.c)); n != before {
		t.Errorf("%d mails, want %d", n, before)
	}
	_, page = cl.staff().get("/staff/health")
	cl.says(page, "Relay of mails Mails wait Changes that it hasn’t seen 0 Applications that are parked 3")
	_, page = cl.staff().post("/staff/mails", url.Values{"server": {"up"}})
	cl.says(page, "The mail server is up. What waited was sent.", "Service has stopped To Dogwood Radio, about dogwood-waves "+
		"17 Sep 2026, 00:00 , sent 18 Sep 2026, 10:00")
	cl.saysNot(page, "Parked")
	if diff := cmp.Diff([]string{
		"birch-visits: 17 Sep 00:00 Service is interrupted, sent 18 Sep 10:00",
		"cobalt-arena: 17 Sep 00:00 Your package ends soon, sent 18 Sep 10:00",
		"dogwood-waves: 17 Sep 00:00 Service has stopped, sent 18 Sep 10:00",
		"cobalt-arena: 18 Sep 00:00 Your package has ended, sent 18 Sep 10:00",
	}, mailed(t, cl.c)[before:]); diff != "" {
		t.Errorf("what waited (-want +got):\n%s", diff)
	}
}

// A request is followed by the mails about what it did.
func TestMailsFollowRequests(t *testing.T) {
	cl := newClient(t, "cobalt")
	cl.acts("/staff/apps/cobalt-arena/close", url.Values{"reason": {"left"}})
	_, page := cl.staff().get("/staff/mails")
	cl.says(page, "the latest first Your application was closed To Cobalt Games, about cobalt-arena 16 Sep 2026, 10:00 "+
		"The application was closed for good.")
}

// A relay that begins again, and a console that starts again, send no mail a second time.
func TestMailIsSentOnce(t *testing.T) {
	for name, where := range map[string]func(t *testing.T) string{
		"memory":   func(*testing.T) string { return "memory" },
		"sqlite":   sqliteFile,
		"postgres": postgresDatabase,
	} {
		t.Run(name, func(t *testing.T) {
			at := where(t)
			c := openConsole(t, at)
			want := mailed(t, c)
			if len(want) != 30 {
				t.Fatalf("%d mails, want 30", len(want))
			}
			again(t, c, want)
			if name == "memory" {
				return
			}
			c.closed()
			c = openConsole(t, at)
			if diff := cmp.Diff(want, mailed(t, c)); diff != "" {
				t.Errorf("after a restart (-want +got):\n%s", diff)
			}
			again(t, c, want)
		})
	}
}

// sqliteFile returns a file that isn't there yet, as -store names it.
func sqliteFile(t *testing.T) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "console.db")
}

// postgresDatabase creates an empty database and returns it as -store names it.
func postgresDatabase(t *testing.T) string {
	t.Helper()
	at, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	server, name := at.String(), fmt.Sprintf("console_%d", os.Getpid())
	execute := func(ctx context.Context, statement string) {
		db, err := pgx.Connect(ctx, server)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Exec(ctx, statement)
		if err := errors.Join(err, db.Close(ctx)); err != nil {
			t.Error(err)
		}
	}
	execute(t.Context(), "CREATE DATABASE "+name)
	t.Cleanup(func() { execute(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)") })
	at.Path = "/" + name
	return "postgres:" + at.String()
}

// again has the relay begin with the first change, a minute later, and fails unless it goes through all of them and nothing
// is sent.
func again(t *testing.T, c *console, want []string) {
	t.Helper()
	if err := c.clock.set(t.Context(), c.clock.now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := c.store.DropMark(t.Context(), mailRelay); err != nil {
		t.Fatal(err)
	}
	c.mailer.send(t.Context())
	if r := c.mailer.lastRound(); r.Err != nil {
		t.Fatal(r.Err)
	}
	mark, err := c.store.Mark(t.Context(), mailRelay)
	if err != nil {
		t.Fatal(err)
	}
	if _, end, err := c.store.FeedEnds(t.Context()); err != nil || mark.Cursor != end || end.Number < 100 {
		t.Errorf("the relay is at %v, and the feed ends at %v (%v)", mark.Cursor, end, err)
	}
	if diff := cmp.Diff(want, mailed(t, c)); diff != "" {
		t.Errorf("sent again (-want +got):\n%s", diff)
	}
}

// What customers are told by mail, and what they aren't.
func TestLetters(t *testing.T) {
	c := openConsole(t, "memory")
	amount, err := pricing.ParseMoney("199.00", sampleCurrency)
	if err != nil {
		t.Fatal(err)
	}
	status := func(s subscription.Status) subscription.Event {
		return subscription.Event{Type: subscription.EventStatus, Product: "call", Status: s, From: subscription.Active}
	}
	order := func(how subscription.EventType, kind subscription.OrderKind, why payment.Reason) subscription.Event {
		return subscription.Event{Type: how, Kind: kind, Product: "call", Version: "one-to-one", Amount: amount, Reason: why}
	}
	declined := order(subscription.EventOrderDeclined, subscription.RenewalOrder, payment.InsufficientBalance)
	for name, tt := range map[string]struct {
		event subscription.Event
		with  []subscription.Event
		want  letter
	}{
		"interrupted": {status(subscription.Interrupted), nil, letter{"Service is interrupted",
			"Call was interrupted, since the payment of its period was taken back. Renew the package to go on."}},
		"active":     {status(subscription.Active), nil, letter{}},
		"taken back": {status(subscription.Refunded), nil, letter{}},
		"a failed renewal": {declined, []subscription.Event{status(subscription.PastDue)}, letter{"Your renewal failed",
			"Renewal of Call 1-to-1 Call for 199.00 USD was declined: there isn’t enough money. " +
				"Update your payment method, or renew by hand."}},
		"its further tries": {declined, nil, letter{}},
		"past due with it":  {status(subscription.PastDue), []subscription.Event{declined}, letter{}},
		"past due by time": {status(subscription.PastDue), nil, letter{"Your package is past due",
			"Call is past due: the next period isn't paid. The package stays in service for the grace time. " +
				"Update your payment method, or renew by hand."}},
		"a stolen card": {order(subscription.EventOrderDeclined, subscription.RenewalOrder, payment.LostOrStolen), nil, letter{
			"Your renewal failed", "Renewal of Call 1-to-1 Call for 199.00 USD was declined: the card was reported lost or stolen. " +
				"It isn't tried again until you report another payment method. Update your payment method, or renew by hand."}},
		"a purchase":          {order(subscription.EventOrderPaid, subscription.PurchaseOrder, ""), nil, letter{}},
		"a declined purchase": {order(subscription.EventOrderDeclined, subscription.PurchaseOrder, payment.Other), nil, letter{}},
		"a renewal": {order(subscription.EventOrderPaid, subscription.RenewalOrder, ""), nil, letter{
			"Your package was renewed", "Renewal of Call 1-to-1 Call for 199.00 USD was paid."}},
		"a chargeback": {order(subscription.EventReversed, subscription.PurchaseOrder, ""), nil, letter{"A payment was taken back",
			"Purchase of Call 1-to-1 Call: the bank or the payment provider took 199.00 USD back. If that is a mistake, tell your bank."}},
		"no minutes": {subscription.Event{Type: subscription.EventLowBalance}, nil, letter{"Your minutes are used up",
			"No minutes are left. A top-up package adds minutes at once."}},
		"few minutes": {subscription.Event{Type: subscription.EventLowBalance, Quantity: subscription.Minutes(1500)}, nil, letter{
			"Your minutes run low", "Minutes run low: 1,500 are left. A top-up package adds minutes at once."}},
		"usage": {subscription.Event{Type: subscription.EventUsed, Quantity: subscription.Minutes(1)}, nil, letter{}},
	} {
		got, written := c.letter(tt.event, append(tt.with, tt.event))
		if diff := cmp.Diff(tt.want, got); diff != "" || written != (tt.want != letter{}) {
			t.Errorf("%s: written %t (-want +got):\n%s", name, written, diff)
		}
	}
}

// Nobody is told about an application that was erased.
func TestNoMailAboutTheErased(t *testing.T) {
	c := openConsole(t, "memory")
	cl := signedIn(t, c, serveConsole(t, c), "cobalt")
	cl.staff().post("/staff/mails", url.Values{"server": {"down"}})
	cl.acts("/staff/apps/cobalt-arena/close", url.Values{"reason": {"left"}})
	cl.acts("/staff/apps/cobalt-arena/erase", url.Values{})
	before := mailed(t, c)
	_, page := cl.staff().post("/staff/mails", url.Values{"server": {"up"}})
	cl.saysNot(page, "Parked", "Your application was closed")
	if diff := cmp.Diff(before, mailed(t, c)); diff != "" {
		t.Errorf("mails (-before +after):\n%s", diff)
	}
}

// Mails have one key for each event, in the order of time.
func TestMailKeys(t *testing.T) {
	at, last := pastEnds(), ""
	for _, e := range []subscription.Event{
		{Application: "a", Revision: 2, Index: 1, At: at}, {Application: "a", Revision: 2, Index: 10, At: at},
		{Application: "a", Revision: 10, Index: 0, At: at}, {Application: "b", Revision: 1, Index: 0, At: at},
		{Application: "a", Revision: 11, Index: 0, At: at.Add(time.Microsecond)},
	} {
		key := mailKey(e)
		if key <= last {
			t.Errorf("%s follows %s", key, last)
		}
		last = key
	}
}
