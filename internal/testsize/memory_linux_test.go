package testsize_test

import (
	"os"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/internal/testsize"
)

const memory = "/dev/shm/"

// A small run has its temporary files in memory, if there is room, and leaves none; nor does it what a run that was killed
// has left. A full run's are where they were.
func TestFilesInMemory(t *testing.T) {
	t.Setenv("PREPAID_LONG", "1")
	t.Setenv("TMPDIR", "")
	testsize.FilesInMemory()()
	if dir := os.TempDir(); strings.HasPrefix(dir, memory) {
		t.Errorf("the files of a full run are in %s", dir)
	}
	t.Setenv("PREPAID_LONG", "")
	remove := testsize.FilesInMemory()
	dir := os.TempDir()
	if !strings.HasPrefix(dir, memory) {
		t.Skipf("NOT TESTED: files are in %s, for there is too little room in %s", dir, memory)
	}
	left, err := os.MkdirTemp(memory, "prepaid-tests-left-")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", "")
	again := testsize.FilesInMemory()
	for _, want := range []struct {
		dir   string
		there bool
	}{{dir, true}, {left, false}, {os.TempDir(), true}} {
		if _, err := os.Stat(want.dir); (err == nil) != want.there {
			t.Errorf("%s: %v, want it to be there: %t", want.dir, err, want.there)
		}
	}
	remove()
	again()
	for _, dir := range []string{dir, os.TempDir()} {
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s is there in the end", dir)
		}
	}
}
