package durable_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// This file writes the rows of a database as the first version of this module did: tables of migrations 1 and 2,
// documents of format 1.

// longAgo is the time of everything in these rows.
func longAgo() time.Time { return time.Date(2025, time.June, 16, 8, 30, 0, 123456000, time.UTC) }

// golden returns the documents of format 1 by scene; each is changed to an application that has the scene's name.
func golden(tb testing.TB) map[string]string {
	tb.Helper()
	const folder = "../../store/document/testdata/format1"
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	ok(tb, err)
	all := map[string]string{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		ok(tb, err)
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		text := strings.ReplaceAll(strings.TrimSpace(string(b)), `video-chat \"Ω\"`, name)
		all[name] = strings.Replace(text, `"id":"text 1"`, fmt.Sprintf(`"id":%q`, name), 1)
	}
	if len(all) < 7 {
		tb.Fatalf("only %d golden documents", len(all))
	}
	return all
}

// once is the document of an application whose orders were paid once and await their refunds.
const once = `{"format":1,"id":"once","account":"acme","revision":9,"created_at":"2025-06-16T08:30:00Z",` +
	`"orders":[` + onceOrder + `"refund_due"},` + strayOrder + `"stray"},` + neverOrder + `"stray"}]}`

const (
	onceOrder = `{"id":"1-due","application":"once","account":"acme","kind":"purchase","placed_at":"2025-06-16T08:30:00Z","catalog":"1",` +
		`"attempt":"once/1-due","amount":"5.00 USD","lines":[{"kind":"purchase","item":"call/lite","unit":"5","times":{"num":1,"den":1},"amount":"5.00 USD"}],` +
		`"collected":"5.00 USD","closed_at":"2025-06-18T08:30:00Z","status":`
	strayOrder = `{"id":"2-stray","application":"once","account":"acme","kind":"top_up","placed_at":"2025-06-16T08:30:00Z","catalog":"1","amount":"5.00 USD","lines":[],"collected":"5.00 USD","status":`
	neverOrder = `{"id":"3-never","application":"once","account":"acme","kind":"top_up","placed_at":"2025-06-16T08:30:00Z","catalog":"1","amount":"5.00 USD","lines":[],"status":`
)

// plain returns the document of the i-th of many applications, with one subscription.
func plain(i int) string {
	return fmt.Sprintf(`{"format":1,"id":"plain-%04d","account":"acme-%d","revision":2,"created_at":"2025-06-16T08:30:00Z",`+
		`"due":"2025-07-16T00:00:00Z","subscriptions":[{"id":"call-1","product":"call","status":"active","currency":"USD",`+
		`"auto_renew":true,"zone":"UTC","anchor":{"date":"2025-06-16","term":{"months":1}},"next":1,"opened_at":"2025-06-16T08:30:00Z",`+
		`"cycles":[{"number":1,"period":{"start":"2025-06-16T00:00:00Z","end":"2025-07-16T00:00:00Z","zone":"UTC"},"version":"lite",`+
		`"price":"199.00 USD","minutes":100000,"order":"1-buy","begun":true,"granted":100000000}]}],"last_lot":1}`, i, i%7)
}

// oldApplication writes an application's row.
func (r *raw) oldApplication(id, text string, revision int64) {
	r.tb.Helper()
	r.insert("applications", "id", id, "revision", revision, "account", "acme", "created_at", longAgo(), "document", text)
}

// oldOrder writes an order as the first version did, with additional columns in pairs. Its position follows from n.
func (r *raw) oldOrder(app, id string, n int, status subscription.OrderStatus, more ...any) {
	r.tb.Helper()
	r.insert("orders", append([]any{
		"application_id", app, "id", id, "placed_revision", n, "placed_index", 0, "account", "acme", "kind", "renewal", "catalog", "1",
		"placed_at", longAgo(), "amount", 500, "currency", "USD", "lines", `[{"kind":"renewal","item":"call/lite","unit":"5","times":{"num":1,"den":1},"amount":"5.00 USD"}]`,
		"status", string(status), "closed_at", longAgo().AddDate(0, 0, n),
	}, more...)...)
}

// oldEvent writes the event that an order was paid.
func (r *raw) oldEvent(app, order string, n int, at time.Time, kind subscription.EventType) {
	r.tb.Helper()
	r.insert("events", "application_id", app, "revision", n, "index", 0, "at", at, "type", string(kind), "order_id", order)
}

// fillOld writes a database of the first version with many plain applications, and returns the documents by
// application.
func (r *raw) fillOld(many int) map[string]string {
	r.tb.Helper()
	r.migrated(1, 2)
	documents := golden(r.tb)
	documents["once"], documents["unreadable"] = once, `{"format":1,"id":"unreada`
	for i := range many {
		documents[fmt.Sprintf("plain-%04d", i)] = plain(i)
	}
	for id, text := range documents {
		app, err := document.Decode([]byte(text))
		if id != "unreadable" {
			ok(r.tb, err)
		}
		revision := max(app.Revision, 1)
		r.oldApplication(id, text, revision)
		if strings.HasPrefix(id, "plain-") {
			r.oldOrder(id, "1-buy", 1, subscription.OrderPaid)
			continue
		}
		r.insert("records", "application_id", id, "id", "counted", "day", pricing.Date(20_255))
		r.insert("receipts", "application_id", id, "key", "key", "kind", "create", "digest", make([]byte, 32), "revision", 1, "at", longAgo())
		r.insert("entries", "application_id", id, "revision", 1, "index", 0, "at", longAgo(), "kind", "granted", "lot", 1, "quantity", 1000)
		if id != "every_field" {
			for i, o := range app.Orders {
				r.oldOrder(id, string(o.ID), 100+i, o.Status)
			}
		}
	}
	const app = "once"
	r.oldOrder(app, "4-paid", 4, subscription.OrderPaid, "subscription", "call-1", "renews_from", longAgo())
	r.oldOrder(app, "5-refunded", 5, subscription.OrderRefunded, "subscription", "call-1", "renews_from", longAgo(),
		"attempt", "once/5-refunded", "collected", 500, "collected_currency", "USD")
	r.oldOrder(app, "6-pruned", 6, subscription.OrderRefunded)
	r.oldOrder(app, "7-found", 7, subscription.OrderCanceled)
	r.oldOrder(app, "8-declined", 8, subscription.OrderDeclined)
	r.oldOrder(app, "9-cancelled", 9, subscription.OrderCanceled)
	r.oldOrder("unreadable", "1-cancelled", 1, subscription.OrderCanceled)
	for i, id := range []string{"1-due", "2-stray", "5-refunded", "7-found"} {
		r.oldEvent(app, id, 1+i, longAgo().Add(time.Duration(i)*time.Hour), subscription.EventOrderPaid)
	}
	r.oldEvent(app, "5-refunded", 5, longAgo().AddDate(0, 0, 4), subscription.EventOrderRefundDue)
	return documents
}
