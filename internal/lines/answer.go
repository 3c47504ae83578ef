package lines

import (
	"bufio"
	"errors"
	"io"
)

// Answer calls answer for each line of in that isn't empty, with the line's number from 1, and a writer to out. For a line
// that is too long err is [ErrLong]. Answers are flushed when no further line is buffered, since the client may be waiting
// for them. Answer returns the first error of reading, or of writing, which ends it.
func Answer(in io.Reader, out io.Writer, answer func(w io.Writer, line []byte, number int, err error) error) error {
	r, w := New(in), bufio.NewWriter(out)
	for number := 1; ; number++ {
		line, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return w.Flush()
		case err != nil && !errors.Is(err, ErrLong):
			return errors.Join(err, w.Flush())
		case err == nil && len(line) == 0:
			continue
		}
		if err := answer(w, line, number, err); err != nil {
			return err
		}
		if r.Waits() {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
}
