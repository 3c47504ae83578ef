package debit_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/examples/gateways/debit"
	"github.com/prepaidkit/prepaid/examples/gateways/debit/bankserver"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/relay"
	"github.com/prepaidkit/prepaid/subscription"
)

// prices has the catalog's part of what makes sense for debits. The grace time lasts until the answer to the last
// attempt, with a weekend and a holiday. Grace minutes let usage go on until then, and come off what is paid for.
const prices = `{
  "revision": "1", "zone": "Europe/Berlin", "agreement": {"version": "2026-01"},
  "service": {"grace_hours": 264, "retention_days": 60},
  "products": [{"id": "meet", "name": "Meet", "versions": [{
    "id": "team", "name": "Team", "rank": 1, "grace_minutes": 120,
    "terms": [{"months": 1, "minutes": 6000, "list": {"EUR": "47.60"}}]
  }]}]
}`

// policy returns the worker's part. The answer to the first attempt comes within the grace time; a week before the end,
// it would come before that, and nobody would be past due while a debit is under way. The second is made when the answer
// to the first is there. Orders that are under way are looked up every six hours.
func policy() renewal.Policy {
	const day = 24 * time.Hour
	return renewal.Policy{
		Attempts: []time.Duration{-2 * day, 4 * day}, Reminders: []time.Duration{-7 * day, 3 * day}, Poll: 6 * time.Hour,
	}
}

// host is a service whose customers pay by debit.
type host struct {
	bank    *bankserver.Server
	store   *memory.Store
	gateway *debit.Gateway
	billing *subscription.Service
	worker  *renewal.Worker
	mailer  *relay.Relay
	now     time.Time
	line    int64    // of the bank's list of returns
	lines   []string // to be printed, by customer
	quiet   bool
}

func newHost(url string, bank *bankserver.Server, now time.Time, prices string, policy renewal.Policy) *host {
	h := &host{bank: bank, store: memory.New(), now: now}
	clock := func() time.Time { return h.now }
	var err error
	h.gateway, err = debit.New(debit.Options{URL: url, Client: &http.Client{Timeout: 10 * time.Second}, Text: "meetings"})
	check(err)
	cat, err := pricing.ParseCatalog(strings.NewReader(prices))
	check(err)
	h.billing, err = subscription.NewService(h.store, h.gateway, subscription.StaticCatalog(cat), &subscription.Options{Now: clock})
	check(err)
	h.worker, err = renewal.NewWorker(h.billing, h.store, &renewal.Options{Policy: policy})
	check(err)
	h.mailer, err = relay.New(relay.Options{Name: "notes", Store: h.store, Handle: h.note, Now: clock})
	check(err)
	return h
}

// note notes what happened, as a mailer would send mails.
func (h *host) note(_ context.Context, c store.FeedChange) error {
	for _, e := range c.Events {
		what := string(e.Type)
		switch e.Type {
		case subscription.EventOrderPlaced, subscription.EventOrderPaid, subscription.EventRefundDue, subscription.EventRefundMade:
		case subscription.EventOrderDeclined, subscription.EventReversed, subscription.EventReminder:
			if e.Reason != "" {
				what += " for " + string(e.Reason)
			}
		case subscription.EventStatus:
			what = string(e.Status)
		case subscription.EventPeriodPaid:
			what += " until " + e.Period.End.In(berlin).Format("2 Jan")
		default:
			continue
		}
		h.lines = append(h.lines, fmt.Sprintf("%s  %s  %s", e.At.In(berlin).Format("Mon _2 Jan"), c.Application, what))
	}
	return nil
}

// until passes the time. Every six hours the worker has a round; on banking days the bank sends its batch in the evening,
// and the host reads the list of returns.
func (h *host) until(ctx context.Context, month time.Month, day int) {
	for end := time.Date(2026, month, day, 12, 0, 0, 0, berlin); h.now.Before(end); h.now = h.now.Add(6 * time.Hour) {
		if local := h.now.In(berlin); local.Hour() >= 18 && local.Weekday()%6 != 0 {
			h.bank.Day()
			check(h.returns(ctx))
		}
		_, err := h.worker.Once(ctx)
		check(err)
		_, err = h.mailer.Once(ctx)
		check(err)
		slices.SortStableFunc(h.lines, func(a, b string) int { return strings.Compare(a[:16], b[:16]) })
		for _, l := range h.lines {
			if !h.quiet {
				fmt.Println(l)
			}
		}
		h.lines = nil
	}
}

// returns applies what payers' banks have taken back. A real host keeps the line in its database, and tells a person of what
// is nobody's.
func (h *host) returns(ctx context.Context) error {
	reversals, line, err := h.gateway.Reversals(ctx, h.line)
	for _, r := range reversals {
		attempt := subscription.AttemptID(r.Charge)
		_, failed := h.billing.Notify(ctx, attempt)
		if errors.Is(failed, subscription.ErrNotFound) { // of another store
			continue
		}
		if failed == nil {
			_, failed = h.billing.Reverse(ctx, attempt, r)
		}
		if failed != nil {
			return failed // it is read again
		}
	}
	h.line = line
	return err
}

// buy has a customer buy a month, with a mandate and some money in the bank.
func (h *host) buy(ctx context.Context, name, funds string) {
	h.fund(name, funds)
	app := subscription.ApplicationID(name)
	_, err := h.billing.Do(ctx, app, subscription.Create{Account: subscription.AccountID(name)}, "create")
	check(err)
	_, err = h.billing.Do(ctx, app, subscription.Purchase{
		Product: "meet", Version: "team", Term: pricing.Months(1), Currency: "EUR", Agreement: "2026-01",
	}, "buy")
	if !errors.Is(err, subscription.ErrPaymentPending) {
		check(err)
	}
}

func (h *host) fund(name, funds string) {
	amount, err := pricing.ParseMoney(funds, "EUR")
	check(err)
	h.bank.Fund(debit.Mandate(name), amount)
}

// show prints a customer's standing.
func (h *host) show(ctx context.Context, name subscription.ApplicationID) {
	app, err := h.billing.Application(ctx, name)
	check(err)
	sub, _ := app.Latest("meet")
	may, err := h.billing.Entitlement(ctx, name, "meet")
	check(err)
	fmt.Printf("            %s  is %s until %s, service: %t, orders under way: %d\n",
		name, sub.Status, sub.End().In(berlin).Format("2 Jan"), may.Service, len(app.Orders))
}

func check(err error) {
	if err != nil {
		panic(err) // an example has nobody to tell
	}
}

// berlin is the catalog's zone, in summer.
var berlin = time.FixedZone("CEST", 2*60*60)

// Three customers buy by debit, and have their packages once that is paid. Anna's renewal is paid on the fourth day,
// within the grace time. Bert's is returned, and tried once more when he has money. Carl has closed his account: nothing
// is tried until he gives another one. Weeks later Anna's bank takes her payment back.
func Example() {
	ctx := context.Background()
	var h *host
	bank := bankserver.New(func() time.Time { return h.now })
	listener := httptest.NewServer(bank)
	defer listener.Close()
	h = newHost(listener.URL, bank, time.Date(2026, time.June, 1, 12, 0, 0, 0, berlin), prices, policy())
	for _, name := range []string{"anna", "bert", "carl"} {
		h.buy(ctx, name, "60.00")
	}
	h.until(ctx, time.June, 30)
	h.fund("anna", "60.00")
	bank.Return(debit.Mandate("carl"), bankserver.Closed)

	h.until(ctx, time.July, 5)
	for _, name := range []subscription.ApplicationID{"anna", "bert", "carl"} {
		h.show(ctx, name)
	}
	h.until(ctx, time.July, 8)
	h.fund("bert", "60.00")
	h.until(ctx, time.July, 30)
	check(bank.TakeBack(debit.Mandate("anna"), bankserver.PayerRefuses))
	h.until(ctx, time.August, 1)
	for _, name := range []subscription.ApplicationID{"anna", "bert", "carl"} {
		h.show(ctx, name)
	}
	// Output:
	// Mon  1 Jun  anna  order_placed
	// Mon  1 Jun  bert  order_placed
	// Mon  1 Jun  carl  order_placed
	// Thu  4 Jun  anna  order_paid
	// Thu  4 Jun  anna  period_paid until 4 Jul
	// Thu  4 Jun  bert  order_paid
	// Thu  4 Jun  bert  period_paid until 4 Jul
	// Thu  4 Jun  carl  order_paid
	// Thu  4 Jun  carl  period_paid until 4 Jul
	// Sat 27 Jun  anna  renewal_reminder
	// Sat 27 Jun  bert  renewal_reminder
	// Sat 27 Jun  carl  renewal_reminder
	// Thu  2 Jul  anna  order_placed
	// Thu  2 Jul  bert  order_placed
	// Thu  2 Jul  carl  order_placed
	// Sat  4 Jul  anna  past_due
	// Sat  4 Jul  bert  past_due
	// Sat  4 Jul  carl  past_due
	//             anna  is past_due until 4 Jul, service: true, orders under way: 1
	//             bert  is past_due until 4 Jul, service: true, orders under way: 1
	//             carl  is past_due until 4 Jul, service: true, orders under way: 1
	// Tue  7 Jul  anna  order_paid
	// Tue  7 Jul  anna  active
	// Tue  7 Jul  anna  period_paid until 4 Aug
	// Tue  7 Jul  bert  order_declined for insufficient_balance
	// Tue  7 Jul  bert  renewal_reminder
	// Tue  7 Jul  carl  order_declined for no_payment_method
	// Tue  7 Jul  carl  renewal_reminder for no_payment_method
	// Wed  8 Jul  bert  order_placed
	// Mon 13 Jul  bert  order_paid
	// Mon 13 Jul  bert  active
	// Mon 13 Jul  bert  period_paid until 4 Aug
	// Wed 15 Jul  carl  interrupted
	// Tue 28 Jul  anna  renewal_reminder
	// Tue 28 Jul  bert  renewal_reminder
	// Thu 30 Jul  anna  money_reversed for other
	// Thu 30 Jul  anna  interrupted
	//             anna  is interrupted until 30 Jul, service: false, orders under way: 0
	//             bert  is active until 4 Aug, service: true, orders under way: 0
	//             carl  is interrupted until 4 Jul, service: false, orders under way: 0
}
