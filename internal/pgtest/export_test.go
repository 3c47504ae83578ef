package pgtest

// Start starts the server on a port, whoever has it.
func (s *Server) Start(port int) error {
	s.port = port
	return s.start()
}

// Port is where the server takes connections.
func (s *Server) Port() int { return s.port }

// ErrPortTaken is a port that another process has.
var ErrPortTaken = errPortTaken
