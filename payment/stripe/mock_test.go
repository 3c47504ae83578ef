package stripe_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
)

// recorder keeps a request of each kind that passes through it.
type recorder struct {
	mu   sync.Mutex
	sent []recorded
}

type recorded struct {
	kind         string // the method, the path without IDs, and the names of parameters
	method, path string // the path with its query
	body         []byte
	header       http.Header
}

var (
	anID    = regexp.MustCompile(`_fake\d+|pm_card_[a-zA-Z]+`)
	aNumber = regexp.MustCompile(`prepaid_refund_[0-9a-f]+`)
)

func (r *recorder) RoundTrip(q *http.Request) (*http.Response, error) {
	one := recorded{method: q.Method, path: q.URL.RequestURI(), header: q.Header.Clone()}
	form := q.URL.Query()
	if q.Body != nil {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			return nil, err
		}
		one.body = body
		q.Body = io.NopCloser(bytes.NewReader(body))
		for pair := range strings.SplitSeq(string(body), "&") {
			name, _, _ := strings.Cut(pair, "=")
			form.Set(name, "")
		}
	}
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, aNumber.ReplaceAllString(name, "prepaid_refund"))
	}
	slices.Sort(names)
	one.kind = q.Method + " " + anID.ReplaceAllString(q.URL.Path, "") + " " + strings.Join(names, " ")
	r.mu.Lock()
	if !slices.ContainsFunc(r.sent, func(s recorded) bool { return s.kind == one.kind }) {
		r.sent = append(r.sent, one)
	}
	r.mu.Unlock()
	return http.DefaultTransport.RoundTrip(q)
}

// requests makes every request that the package makes, to the fake, and returns one of each kind.
func requests(t *testing.T) []recorded {
	t.Helper()
	seen := &recorder{}
	client := &http.Client{Transport: seen}
	s := sell(t, stripefake.Good, &stripe.Options{HTTP: client})
	o := s.buy(t, "k")
	_, err := s.fake.Dispute(s.intent(string(o.Attempt)), false)
	must(t, err)
	s.deliver(t)

	ctx := t.Context()
	charge := func(key string, c stripefake.Card, present bool) {
		must(t, s.card("acme", c))
		p := order(t, key)
		p.Present, p.Description = present, "a month of calls"
		_, err := s.gateway.Charge(ctx, p)
		must(t, err)
	}
	charge("good", stripefake.Good, false)
	charge("bad", stripefake.Insufficient, false)
	charge("waits", stripefake.NeedsPayer, true)
	_, err = s.gateway.Cancel(ctx, "waits")
	must(t, err)
	for _, r := range []payment.Refund{
		{Key: "r1", Charge: "good", Account: "acme", Amount: amount(t, "4.00 USD"), Reason: "goodwill"},
		{Key: "r2", Charge: "good", Account: "acme", Amount: amount(t, "7.00 USD")},
	} {
		_, err := s.gateway.Refund(ctx, r)
		must(t, err)
	}
	_, err = s.fake.RefundElsewhere(s.intent("good"), 1)
	must(t, err)
	s.deliver(t)

	customer, err := s.gateway.CreateCustomer(ctx, "acme")
	must(t, err)
	id, secret, err := s.gateway.BeginSetup(ctx, customer)
	must(t, err)
	must(t, s.fake.CompleteSetup(secret.Value, stripefake.Good))
	_, err = s.gateway.FinishSetup(ctx, customer, id)
	must(t, err)
	_, err = s.gateway.Attach(ctx, customer, "pm_card_visa")
	must(t, err)
	s.payers["acme"] = stripe.Payer{} // the intent is created for nobody, and then somebody pays
	s.fake.SetFaults(only("POST", "/cancel", stripefake.Unavailable))
	_, err = s.gateway.Charge(ctx, order(t, "nobody"))
	must(t, err)
	s.fake.SetFaults(only("POST", "/confirm", stripefake.Cut))
	s.payers["acme"] = stripe.Payer{Customer: customer}
	if _, err = s.gateway.Charge(ctx, order(t, "somebody")); err == nil {
		t.Fatal("a broken connection is no answer")
	}
	s.fake.SetFaults(nil)
	other, _ := s.fake.AddCustomer(stripefake.Good)
	s.payers["acme"] = stripe.Payer{Customer: other}
	_, err = s.gateway.Charge(ctx, order(t, "somebody"))
	must(t, err)

	back := s.another(t, &stripe.Options{HTTP: client, ReturnURL: "https://shop.example/paid"})
	must(t, s.card("bcme", stripefake.NeedsPayer))
	c := order(t, "back")
	c.Account, c.Present = "bcme", true
	_, err = back.Charge(ctx, c)
	must(t, err)
	return seen.sent
}

// Every request that the package makes has a shape that the provider's own mock accepts, which checks names and types of
// parameters against the published specification, and nothing else.
// Rule: card-requests-have-a-shape.
func TestRequestShapes(t *testing.T) {
	mock := startMock(t)
	sent := requests(t)
	kinds := make([]string, 0, len(sent))
	for _, one := range sent {
		kinds = append(kinds, one.kind)
		status, body := mock.send(t, one)
		if status != http.StatusOK {
			t.Errorf("%s: HTTP %d: %s", one.kind, status, body)
		}
	}
	slices.Sort(kinds)
	same(t, "kinds of requests", kinds, requestKinds)
	status, _ := mock.send(t, recorded{method: "POST", path: "/v1/payment_intents", body: []byte("amount=1&currency=usd&nonsense=1"), header: http.Header{
		"Authorization": {"Bearer sk_test_123"}, "Content-Type": {"application/x-www-form-urlencoded"},
	}})
	if status == http.StatusOK {
		t.Error("the mock takes anything")
	}
}

// created are the parameters that a payment intent is created with in any case. The provider compares them when a request is
// repeated under its key, so a charge that is under way while a new version of this package is deployed needs the same ones.
const created = "metadata[prepaid_account] metadata[prepaid_digest] metadata[prepaid_hash] metadata[prepaid_key] " +
	"metadata[prepaid_order] payment_method_types[0]"

// requestKinds is every kind of request, by method, path without IDs and parameters.
var requestKinds = []string{
	"GET /v1/customers/cus ",
	"GET /v1/disputes/dp ",
	"GET /v1/payment_intents/pi  expand[0]",
	"GET /v1/payment_intents/search  query",
	"GET /v1/payment_methods/pm ",
	"GET /v1/refunds  limit payment_intent",
	"GET /v1/refunds/re ",
	"GET /v1/setup_intents/seti ",
	"POST /v1/customers metadata[prepaid_account]",
	"POST /v1/customers/cus invoice_settings[default_payment_method]",
	"POST /v1/payment_intents amount currency customer description expand[0] " + created,
	"POST /v1/payment_intents amount currency customer expand[0] " + created,
	"POST /v1/payment_intents amount currency expand[0] " + created,
	"POST /v1/payment_intents/pi customer",
	"POST /v1/payment_intents/pi metadata[prepaid_reason]",
	"POST /v1/payment_intents/pi metadata[prepaid_refund]",
	"POST /v1/payment_intents/pi/cancel cancellation_reason expand[0]",
	"POST /v1/payment_intents/pi/confirm expand[0] off_session payment_method use_stripe_sdk",
	"POST /v1/payment_intents/pi/confirm expand[0] payment_method return_url",
	"POST /v1/payment_intents/pi/confirm expand[0] payment_method use_stripe_sdk",
	"POST /v1/payment_methods//attach customer",
	"POST /v1/refunds amount metadata[prepaid_digest] metadata[prepaid_hash] metadata[prepaid_key] payment_intent",
	"POST /v1/setup_intents customer payment_method_types[0] usage",
}

type mock struct{ client *http.Client }

// startMock starts stripe-mock on a Unix socket, which nobody else can reach.
func startMock(t *testing.T) *mock {
	t.Helper()
	program := os.Getenv("PREPAID_STRIPE_MOCK")
	if program == "" {
		found, err := exec.LookPath("stripe-mock")
		if err != nil {
			if os.Getenv("PREPAID_REQUIRE_SERVERS") == "1" {
				t.Fatal("NOT TESTED: there is no stripe-mock, and PREPAID_STRIPE_MOCK doesn't name one")
			}
			t.Skip("there is no stripe-mock, and PREPAID_STRIPE_MOCK doesn't name one")
		}
		program = found
	}
	dir, err := os.MkdirTemp("", "mock") //nolint:usetesting // a socket's path must be short
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	socket := filepath.Join(dir, "s")
	var log bytes.Buffer
	cmd := exec.Command(program, "-http-unix", socket) //nolint:noctx // it is the test's; Cleanup kills it
	cmd.Stdout, cmd.Stderr = &log, &log
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	m := &mock{&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(socket); err == nil {
			return m
		} else if !errors.Is(err, os.ErrNotExist) || time.Now().After(deadline) {
			t.Fatalf("stripe-mock doesn't listen: %v", err)
		}
	}
}

func (m *mock) send(t *testing.T, one recorded) (status int, body string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), one.method, "http://mock"+one.path, bytes.NewReader(one.body))
	must(t, err)
	q.Header = one.header
	answer, err := m.client.Do(q)
	must(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, string(text[:min(len(text), 500)])
}
