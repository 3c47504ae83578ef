// Package lines reads lines of bounded length, for commands that answer one line at a time.
package lines

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Max is the maximum length of a line in bytes, without its line ending.
const Max = 1 << 20

// ErrLong means that a line is longer than [Max].
var ErrLong = fmt.Errorf("the line is longer than %d bytes", Max)

// Reader reads lines. Use [New].
type Reader struct {
	r   *bufio.Reader
	buf []byte
}

// New returns a reader for the lines of r.
func New(r io.Reader) *Reader { return &Reader{r: bufio.NewReader(r)} }

// Waits reports whether no part of the next line is buffered. The caller should then flush its answers, since the client
// may be waiting for them.
func (l *Reader) Waits() bool { return l.r.Buffered() == 0 }

// Next returns the next line without its line ending (LF or CRLF). The line is valid until the next call. A line that is
// too long is read to its end and reported as [ErrLong]; the following lines can still be read. It returns io.EOF after
// the last line, whether or not that line has a line ending. If reading fails with another error, a partial line is
// dropped.
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
