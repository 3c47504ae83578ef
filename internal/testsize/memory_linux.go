package testsize

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"syscall"
)

const (
	memory   = "/dev/shm"
	room     = 4 << 30 // what must be free there, in bytes: many times what the tests of a few packages need at a time
	noexec   = 8       // a mount flag, ST_NOEXEC
	attempts = 3
)

// FilesInMemory puts the temporary files of a small run into memory, where no test waits for a disk, and returns what
// removes them: defer it in TestMain, after what stops the servers. It does nothing if the system has no such file system or
// less than 4 GiB there, if TMPDIR says where files belong, in a full run, and for benchmarks.
func FilesInMemory() (remove func()) {
	remove = func() {}
	var fs syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || IsFull() || benchmarks() || //nolint:forbidigo // settings of test runs
		syscall.Statfs(memory, &fs) != nil || fs.Flags&noexec != 0 || fs.Bavail*uint64(fs.Bsize) < room { //nolint:gosec // not negative
		return remove
	}
	sweep()
	for range attempts {
		dir, lock, err := claim()
		if err == nil && os.Setenv("TMPDIR", dir) == nil {
			return func() {
				_ = os.RemoveAll(dir) // or the next run does
				_ = lock.Close()
			}
		}
	}
	return remove
}

// benchmarks reports whether the run has any. They are measured on a disk.
func benchmarks() bool {
	flag.Parse()
	f := flag.Lookup("test.bench")
	return f != nil && f.Value.String() != ""
}

// claim makes a directory, which is this process's for as long as it holds its lock. Programs of other users may use what is
// theirs within.
func claim() (dir string, lock *os.File, err error) {
	if dir, err = os.MkdirTemp(memory, "prepaid-tests-"); err != nil {
		return "", nil, err
	}
	if lock, err = locked(dir); err == nil {
		err = os.Chmod(dir, 0o711) //nolint:gosec // see above; it fails if another process has swept the directory before it was locked
	}
	return dir, lock, err
}

// locked opens a directory that no process has locked, and locks it.
func locked(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil { //nolint:gosec // a descriptor is small
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// sweep removes what was left by processes that were killed.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(memory, "prepaid-tests-*")) // the pattern is well-formed
	for _, dir := range dirs {
		if lock, err := locked(dir); err == nil {
			_ = os.RemoveAll(dir)
			_ = lock.Close()
		}
	}
}
