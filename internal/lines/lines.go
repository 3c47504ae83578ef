// Package lines reads lines of bounded length, for the commands that answer one line at a time.
package lines

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Max is the greatest length of a line in bytes, without its end.
const Max = 1 << 20

// ErrLong is a line that is longer than [Max].
var ErrLong = fmt.Errorf("the line is longer than %d bytes", Max)

// Reader reads lines. Use [New].
type Reader struct {
	r   *bufio.Reader
	buf []byte
}

// New returns a reader of the lines of r.
func New(r io.Reader) *Reader { return &Reader{r: bufio.NewReader(r)} }

// Waits reports whether the next line, or its first part, has still to be waited for: whoever writes answers lets them
// go then.
func (l *Reader) Waits() bool { return l.r.Buffered() == 0 }

// Next returns the next line without its end (LF or CRLF), valid until the next call. A line that is too long is read to
// its end and reported as [ErrLong]; the lines after it can still be read. It returns io.EOF after the last line, whether
// or not that one has an end; what was read of a line when reading failed otherwise is dropped.
func (l *Reader) Next() ([]byte, error) {
	l.buf = l.buf[:0]
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		if !long {
			l.buf = append(l.buf, part...)
		}
		// Room for the end of the line, which doesn't count.
		long = long || len(l.buf) > Max+2
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || len(l.buf) == 0):
			return nil, err
		}
		line := bytes.TrimSuffix(bytes.TrimSuffix(l.buf, []byte("\n")), []byte("\r"))
		if long || len(line) > Max {
			return nil, ErrLong
		}
		return line, nil
	}
}
