package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// The customers are as they are introduced: one is well, one is past due, one is about to end, one has left.
func TestPast(t *testing.T) {
	c := openConsole(t, "memory")
	if !c.clock.now().Equal(pastEnds()) {
		t.Errorf("the clock is at %s", c.clock.now())
	}
	for _, tt := range []struct {
		app     subscription.ApplicationID
		product pricing.ProductID
		status  subscription.Status
		auto    bool
		ends    string
	}{
		{"aurora-classroom", "call", subscription.Active, true, "2026-10-05"},
		{"aurora-webinars", "live", subscription.Active, true, "2026-10-10"},
		{"birch-visits", "call", subscription.PastDue, true, "2026-09-16"},
		{"cobalt-arena", "live", subscription.Active, false, "2026-09-18"},
		{"dogwood-waves", "live", subscription.Ended, false, "2026-09-16"},
	} {
		app, err := c.service.Application(t.Context(), tt.app)
		if err != nil {
			t.Fatal(err)
		}
		s, ok := app.Latest(tt.product)
		if ends := c.catalog.Zone().DateOf(s.End()).String(); !ok || s.Status != tt.status || s.AutoRenew != tt.auto || ends != tt.ends {
			t.Errorf("%s: %s, auto-renewal %t, ends on %s; want %+v", tt.app, s.Status, s.AutoRenew, ends, tt)
		}
	}
}

// A console that starts again on its file goes on: with the clock, the customers, the checkouts and the charges.
func TestRestart(t *testing.T) {
	file := "sqlite:" + filepath.Join(t.TempDir(), "console.db")
	c := openConsole(t, file)
	cl := signedIn(t, c, serveConsole(t, c), "cobalt")
	path, quote := cl.checkout("restart")
	later := c.clock.now().Add(5 * time.Minute)
	if _, err := c.move(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	c.closed()

	c = openConsole(t, file)
	if !c.clock.now().Equal(later) {
		t.Errorf("the clock is at %s, want %s", c.clock.now(), later)
	}
	cl = signedIn(t, c, serveConsole(t, c), "cobalt")
	before := cl.collected("cobalt")
	for range 2 {
		if _, page := cl.post(path, map[string][]string{"quote": {quote}}); !strings.Contains(page, "Paid and delivered") {
			t.Error("the checkout of before can't be paid")
		}
	}
	if n := cl.collected("cobalt"); n != before+1 {
		t.Errorf("%d charges, want %d", n, before+1)
	}
}

// The clock never runs backward, and a move that is sent twice moves it once.
func TestClockNeverRunsBackward(t *testing.T) {
	c := openConsole(t, "memory")
	now := c.clock.now()
	if _, err := c.move(t.Context(), now.Add(-time.Second)); !errors.Is(err, errBackward) {
		t.Errorf("moving back: %v", err)
	}
	if err := c.clock.set(t.Context(), now.Add(-time.Second)); !errors.Is(err, errBackward) {
		t.Errorf("setting back: %v", err)
	}
	cl := signedIn(t, c, serveConsole(t, c), "aurora")
	_, page := cl.get("/demonstration/clock")
	_, rest, _ := strings.Cut(page, `name="at" value="`)
	at, _, _ := strings.Cut(rest, `"`)
	for range 2 {
		cl.post("/demonstration/clock", map[string][]string{"at": {at}, "step": {"1d"}})
	}
	if want := now.AddDate(0, 0, 1); !c.clock.now().Equal(want) {
		t.Errorf("the clock is at %s, want %s", c.clock.now(), want)
	}
}

// A clock that is moved at once by a year does what it does in steps.
func TestMoveInOneStepOrMany(t *testing.T) {
	one, many := openConsole(t, "memory"), openConsole(t, "memory")
	end := pastEnds().AddDate(0, 3, 0)
	if _, err := one.move(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	for at := pastEnds(); at.Before(end); at = at.Add(36 * time.Hour) {
		if _, err := many.move(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := many.move(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	for _, app := range []subscription.ApplicationID{"aurora-classroom", "aurora-webinars", "birch-visits", "cobalt-arena", "dogwood-waves"} {
		a, err := told(t.Context(), one, app)
		if err != nil {
			t.Fatal(err)
		}
		b, err := told(t.Context(), many, app)
		if err != nil {
			t.Fatal(err)
		}
		if a != b {
			t.Errorf("%s: at once:\n%s\nin steps:\n%s", app, a, b)
		}
	}
}

// told returns an application's events as text.
func told(ctx context.Context, c *console, app subscription.ApplicationID) (string, error) {
	var b strings.Builder
	for e, err := range c.store.Events(ctx, app) {
		if err != nil {
			return "", err
		}
		b.WriteString(e.At.String() + " " + string(e.Type) + " " + c.describe(e) + "\n")
	}
	return b.String(), nil
}

// What can't be served is refused, and says why; a file that isn't a console's is neither used nor deleted.
func TestRefusedStarts(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign.db")
	c, err := open(t.Context(), "sqlite:"+foreign, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	service, err := subscription.NewService(c.store, c.accounts, subscription.StaticCatalog(openConsole(t, "memory").catalog), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.Do(t.Context(), "theirs", subscription.Create{Account: "them"}, "1"); err != nil {
		t.Fatal(err)
	}
	c.closed()
	for _, tt := range []struct {
		name, says string
		args       []string
	}{
		{"unknown flag", "not defined", []string{"-nothing"}},
		{"argument", "unexpected argument", []string{"x"}},
		{"not loopback", "want a loopback address", []string{"-addr", "0.0.0.0:0"}},
		{"any interface", "want a loopback address", []string{"-addr", ":0"}},
		{"unknown store", "want memory, sqlite:FILE or postgres:URL", []string{"-addr", "127.0.0.1:0", "-store", "paper"}},
		{"reset of a server", "empty another database yourself", []string{"-addr", "127.0.0.1:0", "-reset", "-store", "postgres:x"}},
		{"a foreign file", "isn't a console's", []string{"-addr", "127.0.0.1:0", "-store", "sqlite:" + foreign}},
		{"reset of a foreign file", "it was not deleted", []string{"-addr", "127.0.0.1:0", "-reset", "-store", "sqlite:" + foreign}},
		{"no catalog", "no such file", []string{"-catalog", filepath.Join(dir, "none.json")}},
	} {
		var out, errs bytes.Buffer
		if status := run(t.Context(), tt.args, &out, &errs); status != noStart || !strings.Contains(errs.String(), tt.says) {
			t.Errorf("%s: status %d, says %q", tt.name, status, errs.String())
		}
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error(err)
	}
}

// The command prints its address, serves, and ends when it is told to; -reset starts over.
func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "console.db")
	for range 2 {
		ctx, stop := context.WithCancel(t.Context())
		out := &firstLine{line: make(chan string, 1)}
		var errs bytes.Buffer
		status := make(chan int, 1)
		go func() {
			status <- run(ctx, []string{"-reset", "-addr", "127.0.0.1:0", "-store", "sqlite:" + file}, out, &errs)
		}()
		select {
		case line := <-out.line:
			_, address, _ := strings.Cut(line, "http://")
			address, _, _ = strings.Cut(address, " ")
			cl := &client{t: t, http: &http.Client{}, base: "http://" + address}
			if code, page := cl.get("/sign-in"); code != 200 || !strings.Contains(page, "Aurora Learning") {
				t.Errorf("status %d", code)
			}
		case code := <-status:
			t.Fatalf("it ended with %d: %s", code, errs.String())
		}
		stop()
		if code := <-status; code != served || errs.Len() > 0 {
			t.Errorf("status %d: %s", code, errs.String())
		}
	}
}

// firstLine is a writer that tells the first line.
type firstLine struct{ line chan string }

func (f *firstLine) Write(p []byte) (int, error) {
	select {
	case f.line <- string(p):
	default:
	}
	return len(p), nil
}
