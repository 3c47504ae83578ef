//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sqlite

import "os"

// queues is false: this system has no queue of processes, only SQLite's own retries.
const queues = false

func lockFile(*os.File) error { return nil }

func tryLockFile(*os.File) bool { return true }

func unlockFile(*os.File) error { return nil }
