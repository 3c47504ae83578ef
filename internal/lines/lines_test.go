package lines_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/internal/lines"
)

func ExampleReader_Next() {
	r := lines.New(strings.NewReader("one\r\n\n" + strings.Repeat("x", lines.Max+1) + "\ntwo"))
	for {
		line, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		fmt.Printf("%q %v\n", line, err)
	}
	// Output:
	// "one" <nil>
	// "" <nil>
	// "" the line is longer than 1048576 bytes
	// "two" <nil>
}

// TestWaits pins that a reader waits only where no line has begun.
func TestWaits(t *testing.T) {
	r := lines.New(strings.NewReader("one\ntwo\n"))
	for _, waits := range []bool{false, true} {
		if _, err := r.Next(); err != nil || r.Waits() != waits {
			t.Errorf("waits: %t, want %t; error %v", r.Waits(), waits, err)
		}
	}
}
