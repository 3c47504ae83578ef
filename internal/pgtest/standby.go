package pgtest

import (
	"errors"
	"os"
	"slices"
	"syscall"
)

// Standby starts a server that copies the running one and follows it until it is promoted. The first server doesn't wait
// for it unless its setting synchronous_standby_names says so.
func (s *Server) Standby() (*Server, error) {
	dir, err := os.MkdirTemp("", "prepaid-postgres-")
	if err != nil {
		return nil, err
	}
	standby := &Server{bin: s.bin, dir: dir, password: s.password, settings: slices.Clone(s.settings)}
	err = standby.execute("pg_basebackup", "--dbname", s.URL(), "--pgdata", standby.data(), "--write-recovery-conf",
		"--checkpoint=fast", "--no-sync")
	if err == nil {
		err = standby.Restart()
	}
	if err != nil {
		return nil, errors.Join(err, standby.Close())
	}
	return standby, nil
}

// Promote makes a standby a server of its own, and waits until it is.
func (s *Server) Promote() error {
	return s.execute("pg_ctl", "promote", "--wait", "--silent", "--pgdata", s.data())
}

// Lose kills the server with SIGKILL, and with it whatever it has not told others. It is not to be used again.
func (s *Server) Lose() error { return s.end(syscall.SIGKILL) }
