package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNoPrograms means that initdb and postgres are neither in PATH nor where Debian and others install them.
var ErrNoPrograms = errors.New("pgtest: no Postgres server is installed")

// Options configure [Start]. A nil *Options means the defaults.
type Options struct {
	// Durable keeps fsync on, as in production. The default is off: tests don't simulate power failures.
	Durable bool
	// Settings are additional server settings, such as "max_connections=50".
	Settings []string
}

// Server is one private Postgres server.
type Server struct {
	process

	bin, dir string
	password string // of the only role; keeps other users of the machine out
	port     int
	settings []string
}

const (
	role     = "prepaid"
	patience = 3 * time.Minute // enough for a busy machine
)

// errPortTaken means that the server has exited because another process listens on its port.
var errPortTaken = errors.New("pgtest: the port is taken")

// Start creates a cluster and starts a server on it. It fails with [ErrNoPrograms] if Postgres isn't installed.
func Start(o *Options) (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "prepaid-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir, password: rand.Text(), settings: []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=100", "shared_buffers=256MB",
		"max_wal_size=4GB", "dynamic_shared_memory_type=mmap", "log_min_messages=fatal", "log_min_error_statement=panic",
	}}
	if o != nil {
		s.settings = append(s.settings, o.Settings...)
	}
	if o == nil || !o.Durable {
		s.settings = append(s.settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	if err := s.create(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.Restart(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// programs returns the directory of initdb and postgres, of the newest version found.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "postgres")); err == nil {
				return filepath.Dir(path), nil
			}
		}
	}
	version := func(dir string) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(filepath.Base(filepath.Dir(dir)), "pgsql-"))
		return n
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"} {
		dirs, _ := filepath.Glob(pattern) // the patterns are well-formed
		for _, dir := range dirs {
			if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
				found = append(found, dir)
			}
		}
	}
	if len(found) == 0 {
		return "", ErrNoPrograms
	}
	return slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }), nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// create creates the cluster.
func (s *Server) create() error {
	// The directory isn't readable by others; the password file must be readable by the server's user, who may be
	// different.
	password := filepath.Join(s.dir, "password")
	if err := os.WriteFile(password, []byte(s.password), 0o644); err != nil { //nolint:gosec // see above
		return err
	}
	return s.execute("initdb", "-D", s.data(), "-U", role, "-A", "password", "--pwfile", password, "-E", "UTF8", "--locale=C", "--no-sync")
}

// execute runs one of the server's programs to its end, as the server's user.
func (s *Server) execute(program string, args ...string) error {
	attr, err := attributes(s.dir)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...) //nolint:gosec // of the programs that were found
	cmd.SysProcAttr, cmd.Dir = attr, s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pgtest: %s: %w\n%s", program, err, out)
	}
	return nil
}

// Restart starts the server, which must not be running, on a new port if the old one is taken, and waits until it
// accepts connections. After [Server.Kill] the server recovers first.
func (s *Server) Restart() error {
	for tries := 10; ; tries-- {
		if err := s.choosePort(); err != nil {
			return err
		}
		// Another process may take the port between its choice and its use.
		if err := s.start(); tries == 1 || !errors.Is(err, errPortTaken) {
			return err
		}
	}
}

// start starts the server on its port, and waits until it accepts connections.
func (s *Server) start() error {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port)}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	if err := s.launch(s.dir, filepath.Join(s.bin, "postgres"), args...); err != nil {
		return err
	}
	err := s.ready(s.announced)
	if err != nil && strings.Contains(err.Error(), "could not create any TCP/IP sockets") {
		return fmt.Errorf("%w: %d", errPortTaken, s.port)
	}
	return err
}

// choosePort keeps the previous port if possible, so that connections find the server again.
func (s *Server) choosePort() error {
	for _, port := range []int{s.port, 0} {
		if free, err := freePort(port); err == nil {
			s.port = free
			return nil
		}
	}
	return errors.New("pgtest: no free port")
}

// announced reports whether the server has announced that it is ready, in the status file that pg_ctl reads as well.
// Connecting to the port isn't enough: another server may be listening there.
func (s *Server) announced() bool {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return false // it doesn't exist yet
	}
	lines := strings.Split(string(text), "\n")
	return len(lines) >= 8 && lines[0] == strconv.Itoa(s.Pid) && slices.Contains([]string{"ready", "standby"}, strings.TrimSpace(lines[7]))
}

// URL returns the connection string of the server's own database, for pgx and libpq.
func (s *Server) URL() string {
	return at(s.password, s.port)
}

func at(password string, port int) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/postgres?sslmode=disable", role, password, port)
}

// Kill stops the server at once, like a crash: nothing is flushed, and connections break. [Server.Restart] recovers.
func (s *Server) Kill() error { return s.end(syscall.SIGQUIT) }

// Close stops the server and deletes its cluster.
func (s *Server) Close() error {
	return errors.Join(s.end(syscall.SIGQUIT), os.RemoveAll(s.dir))
}
