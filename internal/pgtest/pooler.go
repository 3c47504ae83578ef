package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// pooler is PgBouncer in front of a server. It gives the server's connections to transactions, not to clients.
type pooler struct {
	process

	dir  string
	port int
}

// startPooler starts PgBouncer in front of a server, for all databases and the server's own role.
func startPooler(s *Server) (*pooler, error) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // where Debian has it, which isn't in everybody's path
		if _, err := os.Stat(program); err != nil {
			return nil, fmt.Errorf("pgtest: PgBouncer isn't installed: %w", err)
		}
	}
	dir, err := os.MkdirTemp("", "prepaid-pgbouncer-")
	if err != nil {
		return nil, err
	}
	p := &pooler{dir: dir}
	if err := p.start(program, s); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *pooler) start(program string, s *Server) error {
	var err error
	if p.port, err = freePort(0); err != nil {
		return err
	}
	users := filepath.Join(p.dir, "users")
	settings := fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = scram-sha-256
auth_file = %s
pool_mode = transaction
default_pool_size = 60
max_client_conn = 1000
`, s.port, p.port, users)
	for name, text := range map[string]string{
		users:                                 strconv.Quote(role) + " " + strconv.Quote(s.password) + "\n",
		filepath.Join(p.dir, "pgbouncer.ini"): settings,
	} {
		//nolint:gosec // the directory isn't readable by others, and the files must be by the program's user
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := p.launch(p.dir, program, filepath.Join(p.dir, "pgbouncer.ini")); err != nil {
		return err
	}
	return p.ready(func() bool {
		c, err := new(net.Dialer).DialContext(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)))
		if err != nil {
			return false
		}
		return c.Close() == nil
	})
}

// url returns the connection string of the server's own database by way of the pooler. Prepared statements belong to one
// client of the server, so pgx mustn't name any.
func (p *pooler) url(s *Server) string {
	return at(s.password, p.port) + "&default_query_exec_mode=cache_describe"
}

// close stops PgBouncer.
func (p *pooler) close() error {
	return errors.Join(p.end(syscall.SIGQUIT), os.RemoveAll(p.dir))
}
