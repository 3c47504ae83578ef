package pgtest

// Start starts the server on a port, even if the port is taken.
func (s *Server) Start(port int) error {
	s.port = port
	return s.start()
}

// Port returns the port of the server.
func (s *Server) Port() int { return s.port }

// ErrPortTaken means that another process has the port.
var ErrPortTaken = errPortTaken

// Runs reports whether the server runs, by its files: its port may be somebody else's once it doesn't.
func (s *Server) Runs() bool { return s.execute("pg_ctl", "status", "--pgdata", s.data()) == nil }
