package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// client is a customer's browser without anything but forms and links.
type client struct {
	t    *testing.T
	http *http.Client
	base string
	c    *console

	account string
}

// newClient serves a console of its own, and signs a customer in.
func newClient(t *testing.T, account string) *client {
	t.Helper()
	c := openConsole(t, "memory")
	return signedIn(t, c, serveConsole(t, c), account)
}

func signedIn(t *testing.T, c *console, base, account string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	cl := &client{t: t, http: &http.Client{Jar: jar}, base: base, c: c, account: account}
	if status, _ := cl.post("/sign-in", url.Values{"customer": {account}}); status != http.StatusOK {
		t.Fatalf("signing in as %s: status %d", account, status)
	}
	return cl
}

// send sends a request and returns the status and the text of the page that it ends on.
func (cl *client) send(r *http.Request) (status int, page string) {
	cl.t.Helper()
	resp, err := cl.http.Do(r)
	if err != nil {
		cl.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		cl.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (cl *client) request(method, path string, body io.Reader) *http.Request {
	cl.t.Helper()
	r, err := http.NewRequestWithContext(cl.t.Context(), method, cl.base+path, body)
	if err != nil {
		cl.t.Fatal(err)
	}
	return r
}

func (cl *client) get(path string) (status int, page string) {
	cl.t.Helper()
	return cl.send(cl.request(http.MethodGet, path, nil))
}

func (cl *client) post(path string, form url.Values) (status int, page string) {
	cl.t.Helper()
	r := cl.request(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return cl.send(r)
}

var (
	checkoutLink = regexp.MustCompile(`action="(/checkout/[0-9a-f]+)"`)
	quoteField   = regexp.MustCompile(`name="quote" value="([0-9a-f]+)"`)
)

// checkout begins a purchase of a top-up and returns the payment page's address and the quote that it shows.
func (cl *client) checkout(key string) (path, quote string) {
	cl.t.Helper()
	_, page := cl.post("/top-up", url.Values{"key": {key}, "pack": {"rtc-engine-25k"}, "quantity": {"1"}, "agree": {"yes"}})
	link, field := checkoutLink.FindStringSubmatch(page), quoteField.FindStringSubmatch(page)
	if link == nil || field == nil {
		cl.t.Fatalf("no payment page: %s", page)
	}
	return link[1], field[1]
}

// collected returns the number of charges of an account that moved money, by card.
func (cl *client) collected(account string) int {
	cl.t.Helper()
	all, err := cl.c.provider.charges(cl.t.Context(), func(m movement) bool {
		return m.Charge.Account == account && m.Result.Status == payment.Succeeded
	})
	if err != nil {
		cl.t.Fatal(err)
	}
	return len(all)
}

// Every page of every customer is complete.
func TestEveryPage(t *testing.T) {
	c := openConsole(t, "memory")
	base := serveConsole(t, c)
	for account, pages := range map[string][]string{
		"aurora": pagesOf["Aurora Learning"], "birch": pagesOf["Birch Clinic"], "cobalt": pagesOf["Cobalt Games"],
		"dogwood": pagesOf["Dogwood Radio"], staffID: pagesOf[staffPerson],
	} {
		cl := signedIn(t, c, base, account)
		for _, path := range pages {
			want := http.StatusOK
			if path == "/nowhere" {
				want = http.StatusNotFound
			}
			status, page := cl.get(path)
			if status != want || !strings.Contains(page, "</html>") || strings.Contains(page, "ZgotmplZ") {
				t.Errorf("%s, %s: status %d, want %d, and a complete page", account, path, status, want)
			}
		}
	}
}

// A customer sees nothing of another one.
func TestOtherCustomersApplicationsDontExist(t *testing.T) {
	cl := newClient(t, "cobalt")
	var order subscription.OrderID
	for o, err := range cl.c.store.Orders(t.Context(), "birch-visits") {
		if err != nil {
			t.Fatal(err)
		}
		order = o.ID
	}
	for _, path := range []string{
		"/apps/birch-visits/call", "/apps/birch-visits/pay-as-you-go", "/apps/birch-visits/auto-top-up", "/minutes?app=birch-visits", orderPath("birch-visits", order),
		orderPath("birch-visits", order) + "/invoice", orderPath("birch-visits", order) + "/refunds/1",
	} {
		if status, page := cl.get(path); status != http.StatusNotFound || strings.Contains(page, "Version in force") {
			t.Errorf("%s: status %d", path, status)
		}
	}
	for _, path := range []string{
		"/apps/birch-visits/call/auto", "/apps/birch-visits/call/next", "/apps/birch-visits/call/renew", "/apps/birch-visits/usage", "/apps/birch-visits/free-minutes", "/apps/birch-visits/auto-top-up",
		orderPath("birch-visits", order) + "/cancel", orderPath("birch-visits", order) + "/return",
	} {
		if status, _ := cl.post(path, url.Values{"on": {"no"}, "agree": {"yes"}, "minutes": {"1"}}); status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, status)
		}
	}
	other := signedIn(t, cl.c, cl.base, "aurora")
	path, _ := other.checkout("theirs")
	if status, _ := cl.get(path); status != http.StatusNotFound {
		t.Errorf("another customer's payment page: status %d", status)
	}
}

// Nobody who isn't signed in sees or does anything.
func TestSignedOut(t *testing.T) {
	cl := newClient(t, "aurora")
	if status, page := cl.post("/sign-out", nil); status != http.StatusOK || !strings.Contains(page, "Sign in to the console") {
		t.Fatalf("status %d", status)
	}
	for _, path := range []string{"/", "/orders", "/minutes?app=aurora-classroom"} {
		if _, page := cl.get(path); !strings.Contains(page, "Sign in to the console") {
			t.Errorf("%s is shown", path)
		}
	}
	if _, page := cl.post("/payment/deposit", url.Values{"amount": {"1"}}); !strings.Contains(page, "Sign in to the console") {
		t.Error("a deposit is made")
	}
}

// A form of another site, and a name of another machine, are refused; headers keep out what isn't ours.
func TestSecurity(t *testing.T) {
	cl := newClient(t, "aurora")
	foreign := cl.request(http.MethodPost, "/payment/deposit", strings.NewReader("amount=1"))
	foreign.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, _ := cl.send(foreign); status != http.StatusForbidden {
		t.Errorf("a form of another site: status %d", status)
	}
	rebound := cl.request(http.MethodGet, "/sign-in", nil)
	rebound.Host = "evil.example"
	if status, _ := cl.send(rebound); status != http.StatusMisdirectedRequest {
		t.Errorf("a name of another machine: status %d", status)
	}
	large := cl.request(http.MethodPost, "/payment/deposit", strings.NewReader("amount="+strings.Repeat("1", 2*maxBody)))
	large.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, _ := cl.send(large); status < http.StatusBadRequest {
		t.Errorf("a large body: status %d", status)
	}
	resp, err := cl.http.Do(cl.request(http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for header, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
	} {
		if got := resp.Header.Get(header); !strings.Contains(got, want) {
			t.Errorf("%s is %q", header, got)
		}
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || regexp.MustCompile(`style="|<script>|onclick=`).Match(body) {
		t.Errorf("the page has a style or a script of its own (%v)", err)
	}
}

// A payment page that is sent many times at once, and again later, pays once.
func TestPayOnce(t *testing.T) {
	cl := newClient(t, "cobalt")
	before := cl.collected("cobalt")
	path, quote := cl.checkout("one")
	if again, _ := cl.checkout("one"); again != path {
		t.Errorf("the same form leads to %s and %s", path, again)
	}
	done := make(chan string)
	for range 8 {
		go func() {
			form := strings.NewReader(url.Values{"quote": {quote}}.Encode())
			r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, cl.base+path, form)
			if err != nil {
				done <- err.Error()
				return
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			resp, err := cl.http.Do(r)
			if err != nil {
				done <- err.Error()
				return
			}
			defer resp.Body.Close()
			done <- resp.Request.URL.Path
		}()
	}
	first := <-done
	for range 7 {
		if to := <-done; to != first || !strings.HasPrefix(to, "/orders/") {
			t.Errorf("one leads to %s, another to %s", first, to)
		}
	}
	if _, page := cl.get(path); !strings.Contains(page, "nothing was paid twice") {
		t.Error("the payment page is shown again")
	}
	if n := cl.collected("cobalt"); n != before+1 {
		t.Errorf("%d charges, want %d", n, before+1)
	}
}

// A quote that has expired is made again before it is paid, and the page must have shown it.
func TestStaleQuote(t *testing.T) {
	cl := newClient(t, "cobalt")
	before := cl.collected("cobalt")
	path, quote := cl.checkout("stale")
	if _, err := cl.c.move(t.Context(), cl.c.clock.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	status, page := cl.post(path, url.Values{"quote": {quote}})
	if status != http.StatusOK || !strings.Contains(page, "The quote was no longer valid") || cl.collected("cobalt") != before {
		t.Errorf("status %d, %d charges", status, cl.collected("cobalt"))
	}
	cl.says(page, "and timed out. Nothing else has changed: the price is still 24.00 USD")
	_, page = cl.post(path, url.Values{"quote": {strings.Repeat("0", 64)}})
	if !strings.Contains(page, "Confirm and pay") || cl.collected("cobalt") != before {
		t.Error("a price that wasn't shown was paid")
	}
	fresh := quoteField.FindStringSubmatch(page)
	if status, page := cl.post(path, url.Values{"quote": {fresh[1]}}); status != http.StatusOK || !strings.Contains(page, "Paid and delivered") {
		t.Errorf("status %d", status)
	}
}

// A deposit is made once per form, and bad amounts are refused with the form.
func TestDeposit(t *testing.T) {
	cl := newClient(t, "birch")
	balance := func() string {
		m, err := cl.c.accounts.Balance(t.Context(), "birch", sampleCurrency)
		if err != nil {
			t.Fatal(err)
		}
		return m.String()
	}
	for range 2 {
		cl.post("/payment/deposit", url.Values{"key": {"d1"}, "amount": {"1,000.50"}})
	}
	if got := balance(); got != "1052.50 USD" {
		t.Errorf("the balance is %s", got)
	}
	for _, amount := range []string{"", "0", "-5", "1e3", "0.001", "100000.01", "abc"} {
		status, page := cl.post("/payment/deposit", url.Values{"key": {"d2"}, "amount": {amount}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(page, "Please enter an amount") {
			t.Errorf("%q: status %d", amount, status)
		}
	}
}

// Links that lead back lead only to pages of the console.
func TestReturnTo(t *testing.T) {
	for to, want := range map[string]string{
		"/checkout/0a1b": "/checkout/0a1b", "/orders/a/b": "/orders/a/b", "": "", "https://evil.example/checkout/": "", "//evil.example": "",
		"/checkout/..//evil.example": "", "/payment": "", `/orders/\evil`: "", "/orders/a\r\nb": "",
	} {
		r := (&http.Request{Form: url.Values{"return": {to}}})
		if got := returnTo(r); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
}

// A notification needs the provider's signature, of now, and is then believed only as far as the provider confirms it.
func TestWebhook(t *testing.T) {
	cl := newClient(t, "cobalt")
	if err := cl.c.provider.setMethod(t.Context(), "cobalt", payTransfer); err != nil {
		t.Fatal(err)
	}
	path, quote := cl.checkout("hook")
	if _, page := cl.post(path, url.Values{"quote": {quote}}); !strings.Contains(page, "The payment has no result yet") {
		t.Fatal("the payment isn't pending")
	}
	pending, err := cl.c.own().pending(t.Context())
	if err != nil || len(pending) != 1 {
		t.Fatalf("%d pending (%v)", len(pending), err)
	}
	body, err := json.Marshal(notification{Key: pending[0].Charge.Key, Status: payment.Succeeded})
	if err != nil {
		t.Fatal(err)
	}
	now := strconv.FormatInt(time.Now().Unix(), 10)
	old := strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)
	secret := cl.c.own().hooks.secret
	unknown := []byte(`{"key":"no/such/key","status":"succeeded"}`)
	for _, tt := range []struct {
		name, sent, signature string
		body                  []byte
		want                  int
	}{
		{"no signature", now, "", body, http.StatusUnauthorized},
		{"another secret", now, sign([]byte("guess"), now, body), body, http.StatusUnauthorized},
		{"another time", now, sign(secret, old, body), body, http.StatusUnauthorized},
		{"old", old, sign(secret, old, body), body, http.StatusUnauthorized},
		{"not JSON", now, sign(secret, now, []byte("x")), []byte("x"), http.StatusBadRequest},
		{"of nothing", now, sign(secret, now, unknown), unknown, http.StatusNotFound},
		{"signed, but the bank hasn't answered", now, sign(secret, now, body), body, http.StatusOK},
	} {
		r := cl.request(http.MethodPost, "/webhooks/payments", strings.NewReader(string(tt.body)))
		r.Header.Set(sentHeader, tt.sent)
		r.Header.Set(signatureHeader, tt.signature)
		if status, _ := cl.send(r); status != tt.want {
			t.Errorf("%s: status %d, want %d", tt.name, status, tt.want)
		}
	}
	app, order, err := subscription.AttemptID(pending[0].Charge.Key).Parse()
	if err != nil {
		t.Fatal(err)
	}
	if o, err := cl.c.service.Order(t.Context(), app, order); err != nil || o.Status != subscription.OrderOpen {
		t.Errorf("the order is %s (%v), want open: the bank hasn't answered", o.Status, err)
	}
	if err := cl.c.own().answer(t.Context(), pending[0].Charge.Key, true); err != nil {
		t.Fatal(err)
	}
	if o, err := cl.c.service.Order(t.Context(), app, order); err != nil || o.Status != subscription.OrderPaid {
		t.Errorf("the order is %s (%v), want paid", o.Status, err)
	}
}
