//go:build !linux

package pgtest

import "syscall"

// attributes leaves the server to the user who runs the tests, who must not be root.
func (s *Server) attributes() (*syscall.SysProcAttr, error) { return &syscall.SysProcAttr{}, nil }
