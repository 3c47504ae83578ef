//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sqlite

import "os"

// queues is false: on this system processes have no queue but SQLite's own tries.
const queues = false

func lockFile(*os.File) error { return nil }

func tryLockFile(*os.File) bool { return true }

func unlockFile(*os.File) error { return nil }
