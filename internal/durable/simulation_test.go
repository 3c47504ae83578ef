package durable_test

import (
	"flag"
	"testing"

	"github.com/prepaidkit/prepaid/internal/simulation"
	"github.com/prepaidkit/prepaid/internal/testsize"
)

var (
	filePoints   = flag.Int("file-points", 7, "every how many calls of the script get their crashes, on SQLite")
	serverPoints = flag.Int("server-points", 23, "likewise, on Postgres")
	worlds       = flag.Int("worlds", 1, "how many worlds of 12 applications and 12 months are simulated on each")
)

// No promise is broken with SQLite, whichever call is interrupted by a crash, and in years of many applications.
func TestSimulationSQLite(t *testing.T) { simulate(t, files(t), *filePoints) }

// The same on Postgres.
func TestSimulationPostgres(t *testing.T) { simulate(t, schemas(t), *serverPoints) }

// simulate crashes a process at every stride-th call of the script and plays some worlds. A small run leaves it to the
// stores' own conformance tests, which simulate too. With -file-points 1 every call gets its crashes, which takes some
// minutes.
func simulate(t *testing.T, s *shelf, stride int) {
	t.Helper()
	testsize.Full(t)
	simulation.Run(t, s.store, &simulation.Options{Points: stride, Worlds: *worlds, Applications: 12, Months: 12})
}
