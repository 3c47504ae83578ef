package testsize

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	memory = "/dev/shm"
	room   = 4 << 30 // bytes that must be free there: many times what a few packages need at a time
	noexec = 8       // ST_NOEXEC
)

// FilesInMemory puts the temporary files of a small run into memory, where no test waits for a disk, and returns what
// removes them, for the end of TestMain; if a test has failed, they stay for an hour. It does nothing if the system has no
// such file system or less than 4 GiB there, if TMPDIR says where files belong, in a full run, and for benchmarks.
func FilesInMemory() (end func(status int)) {
	end = func(int) {}
	var fs syscall.Statfs_t
	bench := slices.ContainsFunc(os.Args, func(a string) bool { return strings.HasPrefix(a, "-test.bench") })
	if bench || IsFull() || os.Getenv("TMPDIR") != "" || //nolint:forbidigo // settings of test runs
		syscall.Statfs(memory, &fs) != nil || fs.Flags&noexec != 0 || fs.Bavail*uint64(fs.Bsize) < room {
		return end
	}
	left, _ := filepath.Glob(memory + "/prepaid-tests-*") // by processes that failed or were killed, whose locks are free
	for _, dir := range left {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Hour { //nolint:forbidigo // the age of files is real
			continue
		}
		if lock, err := locked(dir); err == nil {
			_ = errors.Join(os.RemoveAll(dir), lock.Close())
		}
	}
	dir, err := os.MkdirTemp(memory, "prepaid-tests-")
	if err != nil {
		return end
	}
	lock, err := locked(dir)
	// Servers that run as other users use what is theirs within. This fails if the directory was removed before it was locked.
	if err = errors.Join(err, os.Chmod(dir, 0o711), os.Setenv("TMPDIR", dir)); err != nil { //nolint:gosec // see above
		_ = os.Unsetenv("TMPDIR")
		return end
	}
	return func(status int) {
		if status == 0 {
			_ = os.RemoveAll(dir)
		}
		_ = lock.Close()
	}
}

// locked opens a directory that no process has locked, and locks it.
func locked(dir string) (*os.File, error) {
	f, err := os.Open(dir) //nolint:gosec // of those in memory
	if err == nil {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
