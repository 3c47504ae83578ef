package testsize_test

import (
	"os"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
)

// A small run has its temporary files in memory, if there is room, and leaves none unless a test failed, nor what a run that
// failed or was killed left more than an hour ago. A full run's are where they were.
func TestFilesInMemory(t *testing.T) {
	begun := func(value string) (dir string, end func(int)) {
		t.Setenv("PREPAID_LONG", value)
		t.Setenv("TMPDIR", "")
		end = testsize.FilesInMemory()
		return os.Getenv("TMPDIR"), end
	}
	there := func(dir string, want bool) {
		t.Helper()
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: %v, want it to be there: %t", dir, err, want)
		}
	}
	if dir, _ := begun("1"); dir != "" {
		t.Errorf("the files of a full run are in %s", dir)
	}
	first, endFirst := begun("")
	if first == "" {
		t.Skip("NOT TESTED: there is too little room in memory")
	}
	left, failed := first+"-left", first+"-failed" // nobody has locked them
	for dir, age := range map[string]time.Duration{left: 2 * time.Hour, failed: time.Minute} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		if err := os.Chtimes(dir, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	second, endSecond := begun("")
	there(left, false)
	there(failed, true)
	there(first, true)
	there(second, true)
	endFirst(0)
	endSecond(1)
	there(first, false)
	there(second, true)
	_ = os.RemoveAll(second)
}
