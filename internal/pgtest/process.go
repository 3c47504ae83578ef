package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// process is a program that runs until it is ended, or this process is.
type process struct {
	*os.Process               // nil if it isn't running
	log         string        // the file of what it prints
	ended       chan struct{} // closed when it has ended
}

// launch starts a program in a directory, which is given to the program's user, with its log there.
func (p *process) launch(dir, program string, args ...string) error {
	attr, err := attributes(dir)
	if err != nil {
		return err
	}
	//nolint:gosec,noctx // the program that was found; it outlives every context but the process
	cmd := exec.Command(program, args...)
	cmd.SysProcAttr, cmd.Dir = attr, dir
	p.log = filepath.Join(dir, "log")
	log, err := os.Create(p.log)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the program ends with the thread that started it, see attributes
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // the exit status doesn't matter
		}
		_ = log.Close()
		close(ended)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("pgtest: start: %w", err)
	}
	p.Process, p.ended = cmd.Process, ended
	return nil
}

// ready waits until a condition holds. It fails, with what the program has printed, if the program ends before.
func (p *process) ready(holds func() bool) error {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for !holds() {
		select {
		case <-p.ended:
			p.Process = nil
			log, _ := os.ReadFile(p.log)
			return fmt.Errorf("pgtest: the program ended:\n%s", log)
		case <-limit.C:
			return errors.New("pgtest: the program doesn't accept connections")
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// end sends a signal to the program if it runs, and waits until it has ended.
func (p *process) end(how syscall.Signal) error {
	if p.Process == nil {
		return nil
	}
	if err := p.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("pgtest: stop: %w", err)
	}
	select {
	case <-p.ended:
		p.Process = nil
		return nil
	case <-time.After(patience):
		return errors.New("pgtest: the program doesn't stop")
	}
}

// freePort returns the port if nobody has it, and any that is free for port 0.
func freePort(port int) (int, error) {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return 0, err
	}
	if at, ok := l.Addr().(*net.TCPAddr); ok {
		port = at.Port
	}
	return port, l.Close()
}
