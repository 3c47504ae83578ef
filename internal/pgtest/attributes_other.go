//go:build !linux

package pgtest

import "syscall"

// attributes runs a program as the user who runs the tests, who must not be root.
func attributes(string) (*syscall.SysProcAttr, error) { return &syscall.SysProcAttr{}, nil }
