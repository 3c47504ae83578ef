package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"
)

// crew is the child processes of a run: some serve customers, the others are workers. One that ends is replaced.
type crew struct {
	program string
	serve   server
	places  []*place
	failed  func(format string, args ...any) // reports one that ended unexpectedly

	mu       sync.Mutex
	settings settings // for processes started from now on
	closing  bool
	wait     sync.WaitGroup
}

// place is the slot of a process, in which another one replaces it.
type place struct {
	name   string
	worker bool

	mu      sync.Mutex
	current *process
}

// process is one child.
type process struct {
	cmd    *exec.Cmd
	wire   *wire
	stdin  io.Closer
	stderr *tail
	doomed bool // it was killed or asked to end
	ended  chan struct{}
}

// tail keeps the end of what was written.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.buf.Len() > 1<<16 {
		t.buf.Reset()
	}
	return t.buf.Write(b)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

func newCrew(s settings, services, workers int, serve server, failed func(string, ...any)) (*crew, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &crew{program: program, serve: serve, settings: s, failed: failed}
	for i := range services {
		c.places = append(c.places, &place{name: fmt.Sprintf("service %d", i)})
	}
	for i := range workers {
		c.places = append(c.places, &place{name: fmt.Sprintf("worker %d", i), worker: true})
	}
	for _, p := range c.places {
		if err := c.start(p); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

// start starts a process in a place and makes sure that it is replaced when it ends.
func (c *crew) start(p *place) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return nil
	}
	text, err := json.Marshal(c.settings)
	if err != nil {
		return err
	}
	cmd := exec.Command(c.program) //nolint:gosec,noctx // this very program, which ends with its pipe
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	n := &process{cmd: cmd, stderr: &tail{}, ended: make(chan struct{})}
	cmd.Stderr = n.stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	n.stdin, n.wire = stdin, newWire(stdin, c.serve)
	p.mu.Lock()
	p.current = n
	p.mu.Unlock()
	c.wait.Go(func() {
		n.wire.read(stdout)
		err := cmd.Wait()
		close(n.ended)
		p.mu.Lock()
		doomed := n.doomed
		p.mu.Unlock()
		if !doomed {
			c.failed("%s ended by itself: %v\n%s", p.name, err, n.stderr)
		}
		if err := c.start(p); err != nil {
			c.failed("%s: %v", p.name, err)
		}
	})
	return nil
}

// kill kills the process of a place and returns once it is gone.
func (p *place) kill() {
	p.mu.Lock()
	n := p.current
	n.doomed = true
	p.mu.Unlock()
	_ = n.cmd.Process.Kill() // SIGKILL; it may have ended already
	<-n.ended
}

// ask makes a call to the process that is currently in the place.
func (p *place) ask(call string, at moment, body, answer any) error {
	p.mu.Lock()
	n := p.current
	p.mu.Unlock()
	return n.wire.ask(call, at, body, answer)
}

// members returns the places of workers, or of the others.
func (c *crew) members(workers bool) []*place {
	var all []*place
	for _, p := range c.places {
		if p.worker == workers {
			all = append(all, p)
		}
	}
	return all
}

// any returns one of the places that serve customers.
func (c *crew) any(rng *rand.Rand) *place {
	all := c.members(false)
	return all[rng.IntN(len(all))]
}

// ready waits until every process has opened the store.
func (c *crew) ready(ctx context.Context, at moment) error {
	for _, p := range c.places {
		for {
			var nothing struct{}
			err := p.ask("ready", at, nothing, &nothing)
			if err == nil {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("faults: %s isn't ready: %w", p.name, err)
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}

// serving waits until a process that serves customers and a worker have opened the store. If starting one takes longer
// than the pause between two kills, nothing else would ever happen.
func (c *crew) serving(ctx context.Context, at moment) error {
	for _, workers := range []bool{false, true} {
		for !slices.ContainsFunc(c.members(workers), func(p *place) bool {
			var nothing struct{}
			return p.ask("ready", at, nothing, &nothing) == nil
		}) {
			select {
			case <-ctx.Done():
				return fmt.Errorf("faults: no process is ready: %w", ctx.Err())
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return nil
}

// killAll kills all processes at once; their replacements use these settings.
func (c *crew) killAll(s settings) {
	c.mu.Lock()
	c.settings = s
	c.mu.Unlock()
	var wait sync.WaitGroup
	for _, p := range c.places {
		wait.Go(p.kill)
	}
	wait.Wait()
}

// current returns the settings for processes that are started now.
func (c *crew) current() settings {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.settings
}

// close ends all processes by closing their pipes, as the end of this process would.
func (c *crew) close() {
	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()
	for _, p := range c.places {
		p.mu.Lock()
		n := p.current
		if n != nil {
			n.doomed = true
			_ = n.stdin.Close() // it may have ended already
		}
		p.mu.Unlock()
		if n == nil {
			continue
		}
		select {
		case <-n.ended:
		case <-time.After(10 * time.Second):
			_ = n.cmd.Process.Kill() // likewise
		}
	}
	c.wait.Wait()
}
