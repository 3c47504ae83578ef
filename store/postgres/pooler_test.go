package postgres_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store/postgres"
)

// pooler gives each transaction of a client another of two servers in turn, as PgBouncer may in transaction mode. It
// returns its address.
func pooler(t *testing.T, url string) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	ok(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go take(t.Context(), client, url)
		}
	}()
	return l.Addr().String()
}

// take serves a client until it goes.
func take(ctx context.Context, client net.Conn, url string) {
	defer client.Close()
	one, err := server(ctx, url)
	if err != nil {
		return
	}
	defer one.Conn.Close()
	other, err := server(ctx, url)
	if err != nil {
		return
	}
	defer other.Conn.Close()
	servers := [2]net.Conn{one.Conn, other.Conn}
	startup := make([]byte, 4)
	if _, err := io.ReadFull(client, startup); err != nil {
		return
	}
	if _, err := io.CopyN(io.Discard, client, int64(binary.BigEndian.Uint32(startup))-4); err != nil {
		return
	}
	if _, err := client.Write(greet(one.ParameterStatuses)); err != nil {
		return
	}
	for turn := 0; ; {
		server := servers[turn%2]
		if _, err := pass(client, server, "SQ"); err != nil {
			return
		}
		end, err := pass(server, client, "Z")
		if err != nil {
			return
		}
		if end[5] == 'I' { // no transaction is open
			turn++
		}
	}
}

func server(ctx context.Context, url string) (*pgconn.HijackedConn, error) {
	c, err := pgconn.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return c.Hijack()
}

func greet(parameters map[string]string) []byte {
	messages := []pgproto3.BackendMessage{&pgproto3.AuthenticationOk{}}
	for name, value := range parameters {
		messages = append(messages, &pgproto3.ParameterStatus{Name: name, Value: value})
	}
	messages = append(messages, &pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}}, &pgproto3.ReadyForQuery{TxStatus: 'I'})
	var greeting []byte
	for _, m := range messages {
		greeting, _ = m.Encode(greeting)
	}
	return greeting
}

// pass passes messages on, to the first of one of those kinds, which it returns.
func pass(from, to net.Conn, last string) ([]byte, error) {
	for {
		head := make([]byte, 5)
		if _, err := io.ReadFull(from, head); err != nil {
			return nil, err
		}
		message := make([]byte, 1+binary.BigEndian.Uint32(head[1:]))
		copy(message, head)
		if _, err := io.ReadFull(from, message[5:]); err != nil {
			return nil, err
		}
		if message[0] == 'X' { // the client goes, and the server stays
			return nil, io.EOF
		}
		if _, err := to.Write(message); err != nil {
			return nil, err
		}
		if strings.IndexByte(last, message[0]) >= 0 {
			return message, nil
		}
	}
}

// pooled returns a pool of one connection through a pooler.
func pooled(t *testing.T, server *pgxpool.Pool, address string, mode pgx.QueryExecMode) *pgxpool.Pool {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	ok(t, err)
	number, err := strconv.ParseUint(port, 10, 16)
	ok(t, err)
	config := server.Config().Copy()
	config.ConnConfig.Host, config.ConnConfig.Port = host, uint16(number)
	config.ConnConfig.DefaultQueryExecMode = mode
	config.MaxConns = 1
	p, err := pgxpool.NewWithConfig(t.Context(), config)
	ok(t, err)
	t.Cleanup(p.Close)
	return p
}

// Behind a pooler of transactions a call executes its own statement, and never one that another has left without a name
// on the connection to the server.
func TestPooler(t *testing.T) {
	server := direct(t)
	s, name := openNamed(t, server, nil)
	commit(t, s, create("a"))
	run(t, server, name, `CREATE TABLE {schema}.users (id text, note text)`)
	run(t, server, name, `INSERT INTO {schema}.users VALUES ('', 'mine')`)
	address := pooler(t, server.Config().ConnString())
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			p := pooled(t, server, address, mode)
			b := opened(t, p, name, nil)
			a := b.Accounts(nil)
			id := mode.String()
			ok(t, a.Open(t.Context(), id))
			ok(t, a.Deposit(t.Context(), id, "deposit "+id, cents(1000)))
			for i := range 3 {
				// Twice, so that each call meets what this leaves on the connection.
				for range 2 {
					_, err := p.Exec(t.Context(), in(name, `UPDATE {schema}.users SET note = note || $1::text WHERE id = $2::text`),
						pgx.QueryExecModeExec, "!", "x")
					ok(t, err)
				}
				if n := revision(t, b, "a"); n != 1 {
					t.Errorf("revision %d, want 1", n)
				}
				r, err := a.Charge(t.Context(), payment.Charge{Key: id + strconv.Itoa(i), Account: id, Amount: cents(100)})
				if err != nil || r.Status != payment.Succeeded {
					t.Errorf("%+v, %v", r, err)
				}
			}
			var note string
			ok(t, server.QueryRow(t.Context(), in(name, `SELECT note FROM {schema}.users`)).Scan(&note))
			if note != "mine" {
				t.Errorf("note is %q: another's statement was executed", note)
			}
			if left, err := a.Balance(t.Context(), id, "USD"); err != nil || !left.Equal(cents(700)) {
				t.Errorf("%v, %v left, want 7 dollars", left, err)
			}
		})
	}
}

// A pool whose mode of execution is replaced must be able to describe statements.
func TestNew_describes(t *testing.T) {
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		config := direct(t).Config().Copy()
		config.ConnConfig.DefaultQueryExecMode, config.ConnConfig.DescriptionCacheCapacity = mode, 0
		p, err := pgxpool.NewWithConfig(t.Context(), config)
		ok(t, err)
		t.Cleanup(p.Close)
		if s, err := postgres.New(p, nil); err == nil {
			t.Errorf("%s: %v, want an error", mode, s)
		}
	}
}
