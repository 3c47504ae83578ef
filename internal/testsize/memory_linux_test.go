package testsize_test

import (
	"os"
	"testing"

	"github.com/prepaidkit/prepaid/internal/testsize"
)

// A small run has its temporary files in memory, if there is room, and leaves none, nor what a run that was killed has left. A
// full run's are where they were.
func TestFilesInMemory(t *testing.T) {
	begun := func(value string) (dir string, remove func()) {
		t.Setenv("PREPAID_LONG", value)
		t.Setenv("TMPDIR", "")
		remove = testsize.FilesInMemory()
		return os.Getenv("TMPDIR"), remove
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
	first, removeFirst := begun("")
	if first == "" {
		t.Skip("NOT TESTED: there is too little room in memory")
	}
	left := first + "-left" // nobody has locked it
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	second, removeSecond := begun("")
	there(left, false)
	there(first, true)
	there(second, true)
	removeFirst()
	removeSecond()
	there(first, false)
	there(second, false)
}
