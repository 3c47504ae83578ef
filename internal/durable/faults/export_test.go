package faults

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
)

// Proxy is the proxy, for its own test.
type Proxy struct{ *proxy }

// NewProxy puts a proxy in front of a server.
func NewProxy(ctx context.Context, server string) (*Proxy, string, error) {
	p, err := newProxy(ctx, 1, server)
	if err != nil {
		return nil, "", err
	}
	return &Proxy{p}, p.listener.Addr().String(), nil
}

// Cut cuts the connection of every commit from now on: before it, after it, or not at all.
func (p *Proxy) Cut(before, after int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.odds = odd{before: before, after: after}
}

// Close stops the proxy.
func (p *Proxy) Close() error { return p.close() }

// StartChild starts a child on a file, and returns its pipe and a function that waits for its end.
func StartChild(file string) (stdin io.Closer, end func() error, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command(program) //nolint:noctx // it ends with its pipe
	cmd.Env = append(os.Environ(), childEnv+`={"store":"sqlite","zone":"UTC","at":"`+file+`"}`)
	cmd.Stderr = &bytes.Buffer{}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	return pipe, cmd.Wait, cmd.Start()
}
