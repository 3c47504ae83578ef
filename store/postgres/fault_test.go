package postgres_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

// fail makes the first n statements that do something to a table fail with a code. It can be called once a schema.
func fail(t *testing.T, p *pgxpool.Pool, name, operation, table, code string, n int) {
	t.Helper()
	// A sequence goes on although its transaction is rolled back.
	run(t, p, name, "CREATE SEQUENCE {schema}.tries")
	run(t, p, name, `CREATE FUNCTION {schema}.fail() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF nextval('`+strings.ReplaceAll(in(name, "{schema}.tries"), "'", "''")+`') <= TG_ARGV[0]::int THEN
				RAISE EXCEPTION 'as ordered' USING ERRCODE = TG_ARGV[1];
			END IF;
			RETURN NULL;
		END $$`)
	failAgain(t, p, name, operation, table, code, n)
}

// failAgain does so again.
func failAgain(t *testing.T, p *pgxpool.Pool, name, operation, table, code string, n int) {
	t.Helper()
	run(t, p, name, "ALTER SEQUENCE {schema}.tries RESTART")
	run(t, p, name, "CREATE OR REPLACE TRIGGER fail AFTER "+operation+" ON {schema}."+table+
		" FOR EACH STATEMENT EXECUTE FUNCTION {schema}.fail("+strconv.Itoa(n)+", '"+code+"')")
}

// tries returns how many statements there were since then.
func tries(t *testing.T, p *pgxpool.Pool, name string) (n int) {
	t.Helper()
	ok(t, p.QueryRow(t.Context(), in(name, "SELECT last_value FROM {schema}.tries")).Scan(&n))
	return n
}

// A deadlock or a serialization failure is tried again, and becomes a conflict of the whole batch in the end.
func TestCommit_rolledBackByTheServer(t *testing.T) {
	for _, code := range []string{"40P01", "40001"} {
		t.Run(code, func(t *testing.T) {
			p := connect(t)
			s, name := openNamed(t, p, &postgres.Options{Retries: 3})
			commit(t, s, create("a"), create("b"))
			fail(t, p, name, "UPDATE", "applications", code, 3)
			commit(t, s, next("a", 1), next("b", 1))
			if n := tries(t, p, name); n != 4 {
				t.Errorf("%d tries, want 4", n)
			}
			failAgain(t, p, name, "UPDATE", "applications", code, 4)
			err := s.Commit(t.Context(), next("b", 2), next("a", 2))
			var conflict *subscription.ConflictError
			if !errors.As(err, &conflict) || !slices.Equal(conflict.Applications, []subscription.ApplicationID{"a", "b"}) {
				t.Errorf("%v, want a conflict of both", err)
			}
			if got := revision(t, s, "a"); got != 2 {
				t.Errorf("revision %d, want 2", got)
			}
		})
	}
}

// A commit that waits for a lock ends with Options.Timeout, or with the server's statement_timeout: it is neither a
// conflict nor a refusal.
func TestTimeouts(t *testing.T) {
	p := connect(t)
	_, name := openNamed(t, p, nil)
	impatient := connectTo(t, pgtest.Direct(t)+"&statement_timeout=200")
	for what, s := range map[string]*postgres.Store{
		"call":      opened(t, p, name, &postgres.Options{Timeout: 200 * time.Millisecond}),
		"statement": opened(t, impatient, name, nil),
	} {
		t.Run(what, func(t *testing.T) {
			id := subscription.ApplicationID(what)
			commit(t, s, create(id))
			tx, err := p.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(context.Background()) }()
			if _, err := tx.Exec(t.Context(), in(name, "SELECT FROM {schema}.applications WHERE id = $1 FOR UPDATE"), what); err != nil {
				t.Fatal(err)
			}
			err = s.Commit(t.Context(), next(id, 1))
			var server *pgconn.PgError
			var refused *subscription.RefusedError
			switch {
			case errors.Is(err, subscription.ErrConflict), errors.As(err, &refused):
				t.Errorf("%v, want an error of unknown outcome", err)
			case what == "call" && !errors.Is(err, context.DeadlineExceeded):
				t.Errorf("%v, want context.DeadlineExceeded", err)
			case what == "statement" && (!errors.As(err, &server) || server.Code != "57014"):
				t.Errorf("%v, want the server's 57014", err)
			}
			// Reading waits for nobody.
			if got := revision(t, s, id); got != 1 {
				t.Errorf("revision %d, want 1", got)
			}
			// Nor does claiming.
			if claimed, err := s.Claim(t.Context(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Hour, 10); err != nil {
				t.Errorf("Claim: %d, %v", len(claimed), err)
			}
		})
	}
}

// proxy passes connections on to a server. From the moment that it is armed it swallows what the server answers, and
// cuts the connection, as soon as the server has.
type proxy struct {
	net.Listener

	to    string
	armed atomic.Bool
	cut   atomic.Int64
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, to: to}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(client)
		}
	}()
	return p
}

func (p *proxy) pass(client net.Conn) {
	defer client.Close()
	server, err := new(net.Dialer).DialContext(context.Background(), "tcp", p.to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, client) }()
	buf := make([]byte, 1<<16)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		if p.armed.Load() {
			p.cut.Add(1)
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// A connection is cut after a commit and before its answer: the outcome is unknown to the store, and the service that
// tries again does nothing twice.
func TestCommit_answerLost(t *testing.T) {
	direct := connect(t)
	witness, name := openNamed(t, direct, nil)
	at, err := url.Parse(pgtest.Direct(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, at.Host)
	at.Host = p.Addr().String()
	s := opened(t, connectTo(t, at.String()), name, nil)
	// The statement is prepared before, so that the answer that is cut is that of its execution.
	commit(t, s, create("a"))
	commit(t, s, next("a", 1))
	p.armed.Store(true)
	err = s.Commit(t.Context(), next("a", 2))
	p.armed.Store(false)
	var refused *subscription.RefusedError
	if err == nil || errors.Is(err, subscription.ErrConflict) || errors.As(err, &refused) {
		t.Errorf("%v, want an error of unknown outcome", err)
	}
	if p.cut.Load() == 0 {
		t.Fatal("no answer was cut")
	}
	if got := revision(t, witness, "a"); got != 3 {
		t.Errorf("revision %d, want 3: it was committed", got)
	}
	if got := revision(t, s, "a"); got != 3 {
		t.Errorf("revision %d by the store whose connection was cut, want 3", got)
	}

	// A purchase whose every answer is cut once.
	sc := scene.New(t)
	service := sc.Service(s)
	sc.Must(sc.Service(witness).Do(t.Context(), "shop", subscription.Create{Account: "acme"}, "create"))
	for try := 0; ; try++ {
		p.armed.Store(try%2 == 0)
		_, err := service.Do(t.Context(), "shop", scene.Purchase(), "buy")
		p.armed.Store(false)
		if err == nil {
			break
		}
		if try == 20 {
			t.Fatal(err)
		}
	}
	orders := 0
	for o, err := range witness.Orders(t.Context(), "shop") {
		orders++
		if err != nil || o.Status != subscription.OrderPaid {
			t.Error(o.Status, err)
		}
	}
	got, err := witness.Load(t.Context(), subscription.Read{Application: "shop"})
	if err != nil || orders != 1 || len(got[0].Application.Subscriptions) != 1 || len(got[0].Application.Lots) != 1 {
		t.Errorf("%d orders, %+v, %v, want one package", orders, got, err)
	}
}
