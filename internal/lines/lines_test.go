package lines_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

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

func ExampleAnswer() {
	in := strings.NewReader("one\n\n" + strings.Repeat("x", lines.Max+1) + "\nfour")
	err := lines.Answer(in, os.Stdout, func(w io.Writer, line []byte, number int, err error) error {
		_, failed := fmt.Fprintf(w, "%d: %s%v\n", number, line, err)
		return failed
	})
	fmt.Println(err)
	// Output:
	// 1: one<nil>
	// 3: the line is longer than 1048576 bytes
	// 4: four<nil>
	// <nil>
}

// TestAnswerEndsWithTheFirstError pins that what can't be written or read ends it.
func TestAnswerEndsWithTheFirstError(t *testing.T) {
	calls, broken := 0, errors.New("broken")
	err := lines.Answer(strings.NewReader("one\ntwo\n"), io.Discard, func(io.Writer, []byte, int, error) error {
		calls++
		return broken
	})
	if !errors.Is(err, broken) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
	err = lines.Answer(iotest.ErrReader(broken), io.Discard, func(io.Writer, []byte, int, error) error {
		t.Error("a line of nothing")
		return nil
	})
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

// TestObject pins what an object is, and what is none.
func TestObject(t *testing.T) {
	names, values, err := lines.Object([]byte(` {"b":1,"a":{"b":[2]},"B":null} `))
	if err != nil || !slices.Equal(names, []string{"b", "a", "B"}) || string(values["a"]) != `{"b":[2]}` || string(values["B"]) != "null" {
		t.Errorf("%q, %q, %v", names, values, err)
	}
	for text, want := range map[string]string{
		`{"a":1,"a":2}`: `field "a" appears twice`, `[1]`: "want an object", `null`: "want an object", `{"a":1} {}`: "not JSON",
		`{"a":`: "not JSON", "": "not JSON", "{\"a\":\"\xff\"}": "not valid UTF-8",
	} {
		if names, values, err := lines.Object([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || names != nil || values != nil {
			t.Errorf("%s: %q, %q, %v, want %s", text, names, values, err, want)
		}
	}
}
