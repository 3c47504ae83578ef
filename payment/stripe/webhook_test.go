package stripe_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

const prices = `{"revision": "1", "zone": "UTC", "products": [{"id": "call", "name": "Call", "versions": [
	{"id": "basic", "name": "Basic", "rank": 1, "terms": [{"months": 1, "minutes": 1000, "list": {"USD": "10.00"}}]}]}]}`

// shop is a service that sells, over a world, with its webhook.
type shop struct {
	*world

	store   *memory.Store
	billing *subscription.Service
	failed  []string // what the webhook didn't take
}

const secret = "whsec_new"

// sell opens a shop whose only application is "app" of the account "acme", which has a card.
func sell(t *testing.T, c stripefake.Card, o *stripe.Options) *shop {
	t.Helper()
	s := &shop{world: open(t, o), store: memory.New()}
	must(t, s.card("acme", c))
	cat, err := pricing.ParseCatalog(strings.NewReader(prices))
	must(t, err)
	s.billing, err = subscription.NewService(s.store, s.gateway, subscription.StaticCatalog(cat), nil)
	must(t, err)
	_, err = s.billing.Do(t.Context(), "app", subscription.Create{Account: "acme"}, "create")
	must(t, err)
	s.listen(t, s.billing)
	return s
}

// listen serves a webhook for a service, to which the provider sends from then on.
func (s *shop) listen(t *testing.T, billing stripe.Service) string {
	t.Helper()
	h, err := s.gateway.Webhook(billing, []string{"whsec_old", secret}, &stripe.WebhookOptions{
		Failed: func(_ context.Context, event string, err error) { s.failed = append(s.failed, event+": "+err.Error()) },
	})
	must(t, err)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s.fake.SendTo(server.URL, secret)
	return server.URL
}

// buy buys the package under a key, and returns its order.
func (s *shop) buy(t *testing.T, key string) subscription.Order {
	t.Helper()
	outcome, err := s.billing.Do(t.Context(), "app",
		subscription.Purchase{Product: "call", Version: "basic", Term: pricing.Months(1), Currency: "USD"}, key)
	if orderErr := new(subscription.OrderError); err != nil && !errors.As(err, &orderErr) {
		t.Fatal(err)
	}
	return outcome.Order
}

// restart makes the shop another process.
func (s *shop) restart(t *testing.T, o *stripe.Options) {
	t.Helper()
	cat, err := pricing.ParseCatalog(strings.NewReader(prices))
	must(t, err)
	s.gateway = s.another(t, o)
	s.billing, err = subscription.NewService(s.store, s.gateway, subscription.StaticCatalog(cat), nil)
	must(t, err)
	s.listen(t, s.billing)
}

func (s *shop) order(t *testing.T, o subscription.Order) subscription.Order {
	t.Helper()
	o, err := s.billing.Order(t.Context(), "app", o.ID)
	must(t, err)
	return o
}

// deliver sends what the provider has to tell, and all that it told before again. It returns the types and answers of what
// is new.
func (s *shop) deliver(t *testing.T) []string {
	t.Helper()
	sent, err := s.fake.Deliver(t.Context())
	must(t, err)
	var told []string
	for _, d := range sent {
		told = append(told, fmt.Sprintf("%s %d", d.Type, d.Status))
	}
	_, err = s.fake.Redeliver(t.Context())
	must(t, err)
	return told
}

func (s *shop) refunds(t *testing.T, o subscription.Order) []string {
	t.Helper()
	refunds, err := s.billing.Refunds(t.Context(), "app", o.ID)
	must(t, err)
	var told []string
	for _, r := range refunds {
		told = append(told, strings.TrimSuffix(fmt.Sprintf("%s %s %s: %s", r.Kind, r.Amount, r.Status, r.Note), ": "))
	}
	return told
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// A payment that waits for the bank is delivered when the provider says that it was made, by asking.
// Rule: card-notifications-are-asked-about.
func TestWebhookSettles(t *testing.T) {
	for name, paid := range map[string]bool{"paid": true, "declined": false} {
		t.Run(name, func(t *testing.T) {
			s := sell(t, stripefake.Slow, nil)
			o := s.buy(t, "k")
			same(t, "told", s.deliver(t), []string{"payment_intent.created 204", "payment_intent.processing 204"})
			same(t, "status", s.order(t, o).Status, subscription.OrderOpen)
			must(t, s.fake.Settle(s.intent(string(o.Attempt)), paid))
			if paid {
				same(t, "told", s.deliver(t), []string{"payment_intent.succeeded 204"})
				same(t, "status", s.order(t, o).Status, subscription.OrderPaid)
			} else {
				same(t, "told", s.deliver(t), []string{"payment_intent.payment_failed 204"})
				same(t, "status", s.order(t, o).Status, subscription.OrderDeclined)
				same(t, "told", s.deliver(t), []string{"payment_intent.canceled 204"})
			}
			same(t, "failed", s.failed, []string(nil))
		})
	}
}

// A process that didn't make the charge takes the notification too, although the provider's search doesn't know the payment
// yet.
// Rule: card-notifications-are-asked-about.
func TestWebhookInAnotherProcess(t *testing.T) {
	s := sell(t, stripefake.Slow, nil)
	o := s.buy(t, "k")
	s.restart(t, nil)
	must(t, s.fake.Settle(s.intent(string(o.Attempt)), true))
	s.deliver(t)
	same(t, "status", s.order(t, o).Status, subscription.OrderPaid)
}

// A second payment that somebody made for the same key is nothing that can be settled: it is reported, and told again.
// Rule: card-key-once.
func TestWebhookSecondPayment(t *testing.T) {
	s := sell(t, stripefake.Slow, nil)
	o := s.buy(t, "k")
	first := s.intent(string(o.Attempt))
	must(t, s.fake.Settle(first, true))
	second := s.fake.Copy(first)
	must(t, s.fake.Pay(second, stripefake.Good))
	s.deliver(t)
	if len(s.failed) == 0 || !strings.Contains(s.failed[0], second+" was paid, and so may be "+first) {
		t.Errorf("failed: %q", s.failed)
	}
}

// What is given back of a second payment for the same key takes nothing back: the order's own payment stays.
// Rule: card-disputes-are-reversals.
func TestWebhookSecondPaymentIsReturned(t *testing.T) {
	for _, table := range []bool{false, true} {
		s := sell(t, stripefake.Good, options(table))
		o := s.buy(t, "k")
		second := s.fake.Copy(s.intent(string(o.Attempt)))
		must(t, s.fake.Pay(second, stripefake.Good))
		_, err := s.fake.RefundElsewhere(second, 1000)
		must(t, err)
		s.deliver(t)
		same(t, "refunds", s.refunds(t, o), []string(nil))

		third := s.fake.Copy(second)
		must(t, s.fake.Pay(third, stripefake.Good))
		_, err = s.fake.Dispute(third, false)
		must(t, err)
		s.fake.Advance(time.Hour)
		s.restart(t, options(table)) // a table that was restored is empty
		s.deliver(t)
		same(t, "refunds", s.refunds(t, o), []string(nil))
	}
}

// A dispute or a refund may be told before the payment: it is heard of first.
// Rule: card-disputes-are-reversals.
func TestWebhookReversalBeforeThePayment(t *testing.T) {
	for _, restart := range []bool{false, true} {
		s := sell(t, stripefake.Slow, nil)
		o := s.buy(t, "k")
		s.deliver(t)
		must(t, s.fake.Settle(s.intent(string(o.Attempt)), true))
		s.fake.SetFaults(func(string, string) stripefake.Fault { return stripefake.Unavailable })
		s.deliver(t) // it isn't taken
		s.fake.SetFaults(nil)
		id, err := s.fake.Dispute(s.intent(string(o.Attempt)), false)
		must(t, err)
		if restart {
			s.restart(t, nil)
		}
		body := fmt.Sprintf(`{"object": "event", "type": "charge.dispute.created", "data": {"object": {"id": %q}}}`, id)
		same(t, "told", post(t, http.MethodPost, s.listen(t, s.billing), body, stripefake.Sign([]byte(body), secret, time.Now())), 204)
		same(t, "status", s.order(t, o).Status, subscription.OrderPaid)
		same(t, "refunds", s.refunds(t, o), []string{"reversal 10.00 USD made"})
	}
}

// A dispute that is lost returns what was refunded before it: a part. That doesn't reinstate the rest, and a person decides.
// Rule: card-disputes-are-reversals.
func TestWebhookPartlyWonDispute(t *testing.T) {
	const dispute = `{"id": "dp_1", "object": "dispute", "amount": 1000, "currency": "usd", "status": %q, "payment_intent": %q,
		"balance_transactions": [{"id": "t1", "amount": -1000, "currency": "usd", "created": 1}%s]}`
	for _, tt := range []struct {
		name, status, back string
		want               []string
		code               int
	}{
		{"in the charge's currency", "lost", `, {"id": "t2", "amount": 400, "currency": "usd", "created": 2}`,
			[]string{"reversal 10.00 USD made: 4.00 USD was reinstated of 10.00 USD that was reversed"}, 204},
		{"before it is closed", "under_review", `, {"id": "t2", "amount": 400, "currency": "usd", "created": 2}`,
			[]string{"reversal 10.00 USD made: 4.00 USD was reinstated of 10.00 USD that was reversed"}, 204},
		{"in another currency", "lost", `, {"id": "t2", "amount": 400, "currency": "eur", "created": 2}`,
			[]string{"reversal 10.00 USD made"}, 500},
		{"all of it in another currency", "won", `, {"id": "t2", "amount": 930, "currency": "eur", "created": 2}`,
			[]string{"reversal 10.00 USD reinstated"}, 204},
	} {
		transport := &answering{suffix: "/disputes/dp_1", status: http.StatusOK}
		s := sell(t, stripefake.Good, &stripe.Options{Keys: &keyTable{}, HTTP: &http.Client{Transport: transport}})
		o := s.buy(t, "k")
		address, intent := s.listen(t, s.billing), s.intent(string(o.Attempt))
		tell := func(status, back string) int {
			transport.body = fmt.Sprintf(dispute, status, intent, back)
			body := `{"object": "event", "type": "charge.dispute.updated", "data": {"object": {"id": "dp_1"}}}`
			return post(t, http.MethodPost, address, body, stripefake.Sign([]byte(body), secret, time.Now()))
		}
		same(t, tt.name, tell("needs_response", ""), 204)
		for range 2 {
			same(t, tt.name, tell(tt.status, tt.back), tt.code)
			same(t, tt.name, s.refunds(t, o), tt.want)
		}
	}
}

// A chargeback takes back what was sold, once however often it is told, and a dispute that is won gives it again. An inquiry
// moves no money and does nothing.
// Rule: card-disputes-are-reversals.
func TestWebhookDisputes(t *testing.T) {
	s := sell(t, stripefake.Good, options(true))
	o := s.buy(t, "k")
	s.deliver(t)
	inquiry, err := s.fake.Dispute(s.intent(string(o.Attempt)), true)
	must(t, err)
	must(t, s.fake.CloseDispute(inquiry, false))
	same(t, "told", s.deliver(t), []string{"charge.dispute.created 204", "charge.dispute.closed 204"})
	same(t, "refunds", s.refunds(t, o), []string(nil))

	id, err := s.fake.Dispute(s.intent(string(o.Attempt)), false)
	must(t, err)
	same(t, "told", s.deliver(t), []string{"charge.dispute.created 204", "charge.dispute.funds_withdrawn 204"})
	same(t, "refunds", s.refunds(t, o), []string{"reversal 10.00 USD made"})
	same(t, "status", s.order(t, o).Status, subscription.OrderPaid)

	must(t, s.fake.CloseDispute(id, true))
	same(t, "told", s.deliver(t), []string{"charge.dispute.funds_reinstated 204", "charge.dispute.closed 204"})
	same(t, "refunds", s.refunds(t, o), []string{"reversal 10.00 USD reinstated"})

	// Lost.
	id, err = s.fake.Dispute(s.intent(string(o.Attempt)), false)
	must(t, err)
	must(t, s.fake.CloseDispute(id, false))
	s.deliver(t)
	same(t, "refunds", s.refunds(t, o), []string{"reversal 10.00 USD reinstated", "reversal 10.00 USD made"})
	same(t, "failed", s.failed, []string(nil))
}

// A refund that was requested here and fails later fails here; one that somebody made at the provider is told, and so is
// its failure.
// Rule: failed-refund-is-left-again, card-disputes-are-reversals.
func TestWebhookRefunds(t *testing.T) {
	s := sell(t, stripefake.Good, nil)
	o := s.buy(t, "k")
	_, err := s.billing.Do(t.Context(), "app", subscription.RefundOrder{Order: o.ID, Amount: amount(t, "4.00 USD"), Take: subscription.TakeNothing}, "r")
	must(t, err)
	same(t, "refunds", s.refunds(t, o), []string{"refund 4.00 USD made"})
	intent := s.intent(string(o.Attempt))
	must(t, s.fake.FailRefund(s.fake.Refunds(intent)[0]))
	s.deliver(t)
	same(t, "refunds", s.refunds(t, o), []string{"refund 4.00 USD failed"})

	id, err := s.fake.RefundElsewhere(intent, 300)
	must(t, err)
	s.deliver(t)
	same(t, "refunds", s.refunds(t, o), []string{"refund 4.00 USD failed", "provider 3.00 USD made"})
	must(t, s.fake.FailRefund(id))
	same(t, "told", s.deliver(t), []string{"refund.failed 204"})
	same(t, "refunds", s.refunds(t, o), []string{"refund 4.00 USD failed", "provider 3.00 USD reinstated"})
	same(t, "failed", s.failed, []string(nil))
}

// silent counts what reaches it, and knows no order.
type silent struct{ calls int }

func (s *silent) Notify(context.Context, subscription.AttemptID) (subscription.Order, error) {
	s.calls++
	return subscription.Order{}, fmt.Errorf("%w: not here", subscription.ErrNotFound)
}

func (s *silent) Reverse(context.Context, subscription.AttemptID, payment.Reversal) (subscription.Order, error) {
	s.calls++
	return subscription.Order{}, fmt.Errorf("%w: not here", subscription.ErrNotFound)
}

// A notification about an order that isn't known isn't taken, so that the provider sends it again. One that can't be
// checked because the provider fails comes again too.
// Rule: card-notifications-are-asked-about.
func TestWebhookUnknownOrder(t *testing.T) {
	s := sell(t, stripefake.Good, nil)
	s.listen(t, &silent{})
	o := s.buy(t, "k")
	same(t, "told", s.deliver(t), []string{"payment_intent.created 204", "payment_intent.succeeded 404"})
	same(t, "failed", s.failed, []string{"payment_intent.succeeded: subscription: not found: not here"})
	s.listen(t, s.billing)
	s.fake.SetFaults(func(string, string) stripefake.Fault { return stripefake.Unavailable })
	same(t, "told", s.deliver(t), []string{"payment_intent.succeeded 500"})
	s.fake.SetFaults(nil)
	same(t, "told", s.deliver(t), []string{"payment_intent.succeeded 204"})
	same(t, "status", s.order(t, o).Status, subscription.OrderPaid)
}

// Notifications about another store's payments leave nothing in this one's table.
// Rule: card-notifications-are-asked-about.
func TestWebhookOfAnotherStore(t *testing.T) {
	s, table := sell(t, stripefake.Good, options(true)), &keyTable{}
	o := s.buy(t, "k")
	_, err := s.fake.Dispute(s.intent(string(o.Attempt)), false)
	must(t, err)
	s.fake.Advance(time.Hour)
	s.gateway = s.another(t, &stripe.Options{Keys: table})
	s.listen(t, &silent{})
	same(t, "told", s.deliver(t), []string{
		"payment_intent.created 204", "payment_intent.succeeded 404", "charge.dispute.created 404", "charge.dispute.funds_withdrawn 404",
	})
	table.m.Range(func(_, value any) bool {
		if value != "" {
			t.Errorf("%s is bound", value)
		}
		return true
	})
}

// Nothing reaches the service without a signature of one of the secrets over the very bytes, made lately; and what it says
// is fetched, never believed.
// Rule: card-notifications-are-asked-about.
func TestWebhookTrustsNobody(t *testing.T) {
	s := sell(t, stripefake.Slow, nil)
	o := s.buy(t, "k")
	lie := fmt.Sprintf(`{"object": "event", "type": "payment_intent.succeeded", "data": {"object": {"id": %q, "status": "succeeded",
		"amount_received": 1000, "currency": "usd", "metadata": {"prepaid_key": %q}}}}`, s.intent(string(o.Attempt)), o.Attempt)
	foreign := `{"object": "event", "type": "invoice.paid", "data": {"object": {"id": "in_1"}}}`
	now := time.Now()
	counter := &silent{}
	address := s.listen(t, counter)
	for _, tt := range []struct {
		name, body, header string
		want, calls        int
	}{
		{"no signature", lie, "", 400, 0},
		{"a stranger's", lie, stripefake.Sign([]byte(lie), "whsec_stranger", now), 400, 0},
		{"of another body", lie, stripefake.Sign([]byte(foreign), secret, now), 400, 0},
		{"too old", lie, stripefake.Sign([]byte(lie), secret, now.Add(-6*time.Minute)), 400, 0},
		{"not JSON", "hello", stripefake.Sign([]byte("hello"), secret, now), 400, 0},
		{"no event", "{}", stripefake.Sign([]byte("{}"), secret, now), 400, 0},
		{"too long", strings.Repeat(" ", stripe.MaxEvent) + lie, "", 413, 0},
		{"of no concern", foreign, stripefake.Sign([]byte(foreign), secret, now), 204, 0},
		{"the old secret", lie, stripefake.Sign([]byte(lie), "whsec_old", now.Add(-4*time.Minute)), 404, 1},
		{"the new secret", lie, stripefake.Sign([]byte(lie), secret, now), 404, 1},
	} {
		counter.calls = 0
		same(t, tt.name, post(t, http.MethodPost, address, tt.body, tt.header), tt.want)
		same(t, tt.name+": calls", counter.calls, tt.calls)
	}
	same(t, "GET", post(t, http.MethodGet, address, "", ""), http.StatusMethodNotAllowed)
	same(t, "a lie", post(t, http.MethodPost, s.listen(t, s.billing), lie, stripefake.Sign([]byte(lie), secret, now)), 204)
	same(t, "status", s.order(t, o).Status, subscription.OrderOpen)
}

// Payments of others who use the provider's account, and what happens to them, are of no concern. A payment of ours whose
// metadata somebody changed isn't taken.
// Rule: card-notifications-are-asked-about.
func TestWebhookOfOthers(t *testing.T) {
	s := sell(t, stripefake.Good, nil)
	counter := &silent{}
	s.listen(t, counter)
	call := func(path string, form url.Values) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.fake.URL()+path, strings.NewReader(form.Encode()))
		must(t, err)
		r.Header.Set("Authorization", "Bearer sk_test")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		defer answer.Body.Close()
		var made struct{ ID string }
		must(t, json.NewDecoder(answer.Body).Decode(&made))
		return made.ID
	}
	id := call("/v1/payment_intents", url.Values{"amount": {"700"}, "currency": {"usd"}})
	must(t, s.fake.Pay(id, stripefake.Good))
	_, err := s.fake.RefundElsewhere(id, 300)
	must(t, err)
	_, err = s.fake.Dispute(id, false)
	must(t, err)
	same(t, "told", s.deliver(t), []string{
		"payment_intent.created 204", "payment_intent.succeeded 204", "refund.created 204", "charge.dispute.created 204",
		"charge.dispute.funds_withdrawn 204",
	})
	same(t, "calls", counter.calls, 0)

	o := s.buy(t, "k")
	call("/v1/payment_intents/"+s.intent(string(o.Attempt)), url.Values{"metadata[prepaid_key]": {"another/key"}})
	same(t, "told", s.deliver(t), []string{"payment_intent.created 204", "payment_intent.succeeded 500"})
	same(t, "calls", counter.calls, 0)
}

func post(t *testing.T, method, address, body, signature string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Stripe-Signature", signature)
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	must(t, answer.Body.Close())
	return answer.StatusCode
}

// A webhook without secrets would be free money, so there is none.
// Rule: card-notifications-are-asked-about.
func TestWebhookNeedsSecrets(t *testing.T) {
	s := open(t, nil)
	for _, secrets := range [][]string{nil, {}, {""}, {"whsec_1", ""}} {
		if _, err := s.gateway.Webhook(&silent{}, secrets, nil); !errors.Is(err, payment.ErrInvalid) {
			t.Errorf("secrets %q: error %v", secrets, err)
		}
	}
	if _, err := s.gateway.Webhook(nil, []string{secret}, nil); !errors.Is(err, payment.ErrInvalid) {
		t.Errorf("no service: error %v", err)
	}
}
