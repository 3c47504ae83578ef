package pgtest_test

import (
	"errors"
	"net"
	"net/url"
	"os"
	"testing"

	"github.com/prepaidkit/prepaid/internal/pgtest"
)

// start starts a server that is closed after the test.
func start(t *testing.T) *pgtest.Server {
	t.Helper()
	s, err := pgtest.Start(&pgtest.Options{Settings: []string{"max_connections=10"}})
	if errors.Is(err, pgtest.ErrNoPrograms) && os.Getenv("PREPAID_REQUIRE_SERVERS") == "" {
		t.Skip("NOT TESTED:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Trap: between the choice of a free port and its use another process may take it, even another server, which
// answers there.
func TestPortThatAnotherServerTook(t *testing.T) {
	other, s := start(t), start(t)
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(other.Port()); !errors.Is(err, pgtest.ErrPortTaken) {
		t.Errorf("on a taken port: %v", err)
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if s.URL() == other.URL() {
		t.Errorf("both servers are at %s", s.URL())
	}
	for _, address := range []string{s.URL(), other.URL()} {
		if err := dial(t, address); err != nil {
			t.Error(err)
		}
	}
}

// A server accepts connections, is gone once it is killed, and restarts at the same address.
func TestServer(t *testing.T) {
	s := start(t)
	before := s.URL()
	if err := dial(t, before); err != nil {
		t.Fatal(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if s.Runs() {
		t.Error("the server runs after it was killed")
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := dial(t, before); err != nil || s.URL() != before {
		t.Errorf("after a restart: %v, at %s, before %s", err, s.URL(), before)
	}
}

func dial(t *testing.T, address string) error {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		return err
	}
	return c.Close()
}

// A standby follows a server, and takes over once it is promoted.
func TestStandby(t *testing.T) {
	s := start(t)
	standby, err := s.Standby()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := standby.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := dial(t, standby.URL()); err != nil || standby.URL() == s.URL() {
		t.Errorf("%v, at %s, the server at %s", err, standby.URL(), s.URL())
	}
	if !s.Runs() {
		t.Error("the server doesn't run before it is lost")
	}
	if err := s.Lose(); err != nil {
		t.Fatal(err)
	}
	if s.Runs() {
		t.Error("the server runs after it was lost")
	}
	if err := standby.Promote(); err != nil {
		t.Fatal(err)
	}
	if err := standby.Promote(); err == nil {
		t.Error("a server that isn't a standby was promoted")
	}
}
