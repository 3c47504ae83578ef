package faults

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// errGone means that there was no answer because the other process has ended.
var errGone = errors.New("faults: the process is gone")

// frame is one line on a pipe: a call, or the answer to the call with that number.
type frame struct {
	Number uint64          `json:"number"`
	Call   string          `json:"call,omitempty"` // "" is an answer
	Moment moment          `json:"moment,omitzero"`
	Body   json.RawMessage `json:"body,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// server answers calls from the other side.
type server func(f frame) (answer any, err error)

// wire carries calls in both directions between a parent and a child, any number concurrently.
type wire struct {
	serve server

	writing sync.Mutex
	out     io.Writer

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan frame
	gone    bool
}

func newWire(out io.Writer, serve server) *wire {
	return &wire{serve: serve, out: out, waiting: map[uint64]chan frame{}}
}

// read processes incoming lines until the other side ends or its last line is cut off, and then fails all waiting
// calls.
func (w *wire) read(in io.Reader) {
	lines := bufio.NewReaderSize(in, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		var f frame
		if err != nil || json.Unmarshal(line, &f) != nil {
			break
		}
		if f.Call != "" {
			go w.answer(f)
			continue
		}
		w.mu.Lock()
		answer := w.waiting[f.Number]
		delete(w.waiting, f.Number)
		w.mu.Unlock()
		if answer != nil {
			answer <- f
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = true
	for _, answer := range w.waiting {
		close(answer)
	}
	w.waiting = nil
}

func (w *wire) answer(f frame) {
	body, err := w.serve(f)
	back := frame{Number: f.Number}
	if err != nil {
		back.Error = err.Error()
	}
	if back.Body, err = json.Marshal(body); err != nil {
		back.Error = fmt.Sprintf("faults: answer to %s: %v", f.Call, err)
	}
	_ = w.write(back) // on failure the caller is gone
}

func (w *wire) write(f frame) error {
	line, err := json.Marshal(f)
	if err != nil {
		return err
	}
	w.writing.Lock()
	defer w.writing.Unlock()
	_, err = w.out.Write(append(line, '\n'))
	return err
}

// ask makes a call and waits for the answer. If the other side ends first, it returns errGone; the outcome of the call
// is then unknown.
func (w *wire) ask(call string, at moment, body, answer any) error {
	f := frame{Call: call, Moment: at}
	var err error
	if f.Body, err = json.Marshal(body); err != nil {
		return err
	}
	came := make(chan frame, 1)
	w.mu.Lock()
	if w.gone {
		w.mu.Unlock()
		return errGone
	}
	w.last++
	f.Number = w.last
	w.waiting[f.Number] = came
	w.mu.Unlock()
	if err := w.write(f); err != nil {
		return errGone
	}
	back, ok := <-came
	switch {
	case !ok:
		return errGone
	case back.Error != "":
		return errors.New(back.Error)
	}
	return json.Unmarshal(back.Body, answer)
}
