package faults

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// log records what customers requested and were answered, one line each, in the order in which they saw it. It is
// append-only.
type log struct {
	mu   sync.Mutex
	file *os.File
	out  *bufio.Writer
	json *json.Encoder
}

func newLog(dir string) (*log, error) {
	f, err := os.Create(filepath.Join(dir, "log.jsonl")) //nolint:gosec // a directory of the run's own
	if err != nil {
		return nil, err
	}
	l := &log{file: f, out: bufio.NewWriterSize(f, 1<<20)}
	l.json = json.NewEncoder(l.out)
	return l, nil
}

func (l *log) note(now time.Time, what string, app subscription.ApplicationID, body any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	//nolint:errchkjson // a line that can't be written shows at the end, see close
	_ = l.json.Encode(struct {
		At   time.Time                  `json:"at"`
		What string                     `json:"what"`
		App  subscription.ApplicationID `json:"application"`
		Body any                        `json:"body"`
	}{now, what, app, body})
}

func (l *log) close() error { return errors.Join(l.out.Flush(), l.file.Close()) }
