package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine is the maximum length of a line in bytes, without its line ending.
const maxLine = 1 << 20

var errLongLine = fmt.Errorf("the line is longer than %d bytes", maxLine)

// lines reads lines of bounded length.
type lines struct {
	r   *bufio.Reader
	buf []byte
}

// next returns the next line without its line ending (LF or CRLF). The line is valid until the next call. A line that
// is too long is read to its end and reported as errLongLine; the following lines can still be read. It returns io.EOF
// after the last line, whether or not that line has a line ending. If reading fails with another error, a partial line
// is dropped.
func (l *lines) next() ([]byte, error) {
	l.buf = l.buf[:0]
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		if !long {
			l.buf = append(l.buf, part...)
		}
		// Leave room for the line ending, which doesn't count.
		long = long || len(l.buf) > maxLine+2
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || len(l.buf) == 0):
			return nil, err
		}
		line := bytes.TrimSuffix(bytes.TrimSuffix(l.buf, []byte("\n")), []byte("\r"))
		if long || len(line) > maxLine {
			return nil, errLongLine
		}
		return line, nil
	}
}
