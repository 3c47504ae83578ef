//go:build !linux

package pgtest

import "syscall"

// attributes runs the server as the user who runs the tests, who must not be root.
func (s *Server) attributes() (*syscall.SysProcAttr, error) { return &syscall.SysProcAttr{}, nil }
