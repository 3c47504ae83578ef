package renewal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// zoneCase is the environment variable with the name of a case, which runs in its own process with a zone database that
// changes during the run.
const zoneCase = "PREPAID_ZONE_CASE"

// The zone database changes while packages are active. On 5 October 2022 Jordan decided to keep summer time
// permanently: from 29 October, midnight is an hour earlier. In the same year Mexico decided to keep winter time
// permanently: midnight in the summer of 2023 is an hour later. A promised boundary does not change, the next period
// begins there, days are counted as promised, and nothing is set aside, paid twice or lost.
// Rule: promised-boundary-stays.
func TestZoneDatabaseChanges(t *testing.T) {
	if name := os.Getenv(zoneCase); name != "" {
		zoneCases[name](t, newMoved(t, name))
		return
	}
	for name := range zoneCases {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestZoneDatabaseChanges$", "-test.v")
			cmd.Env = append(os.Environ(), zoneCase+"="+name, "ZONEINFO="+t.TempDir())
			if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "\nmoved\n") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// moved is a world in Jordan or Mexico, before its rules change.
type moved struct {
	*world
	zone string
	end  time.Time // the promised end of the first period
}

func newMoved(t *testing.T, name string) *moved {
	t.Helper()
	m := &moved{zone: "Asia/Amman", end: instant(t, "2022-10-31T22:00:00Z")}
	start := "2022-10-01T09:00:00Z"
	if strings.HasPrefix(name, "Mexico") {
		m.zone, m.end, start = "America/Mexico_City", instant(t, "2023-05-15T05:00:00Z"), "2022-05-15T18:00:00Z"
	}
	m.world = &world{t: t}
	m.rules("before")
	m.world = newWorld(t, setup{start: start, catalog: m.load(), policy: renewal.Policy{Reminders: hours()}})
	return m
}

// rules puts zone files in force.
func (m *moved) rules(which string) {
	m.t.Helper()
	file := filepath.Join(os.Getenv("ZONEINFO"), filepath.FromSlash(m.zone))
	m.ok(os.MkdirAll(filepath.Dir(file), 0o750))
	rules, err := os.ReadFile(filepath.Join("..", "pricing", "testdata", "zoneinfo", which, filepath.FromSlash(m.zone)))
	m.ok(err)
	m.ok(os.WriteFile(file, rules, 0o600))
}

func (m *moved) load() *pricing.Catalog {
	m.t.Helper()
	return catalog(m.t, `"zone": "UTC"`, `"zone": "`+m.zone+`"`)
}

// change changes the rules, as a system update does.
func (m *moved) change() {
	m.t.Helper()
	m.rules("after")
	m.catalog = m.load()
	_, _ = os.Stdout.WriteString("\nmoved\n")
}

// bought buys the first period: a month in Jordan, a year in Mexico.
func (m *moved) bought() {
	m.t.Helper()
	cmd := buy("call", "one-to-one")
	if m.zone != "Asia/Amman" {
		cmd.Term = pricing.Months(12)
	}
	m.must(cmd)
	check(m.t, "promised end", m.latest("call").End(), m.end)
}

// continued checks that a second period begins where the first ends, was paid once, and that nothing was set aside.
func (m *moved) continued(charges int) {
	m.t.Helper()
	s := m.latest("call")
	last := s.Cycles[len(s.Cycles)-1]
	check(m.t, "begins", last.Period.Start, m.end)
	check(m.t, "status", s.Status, subscription.Active)
	check(m.t, "charges", len(m.charges()), charges)
	check(m.t, "set aside", len(m.events(subscription.EventDecisionFailed)), 0)
	check(m.t, "skipped", len(m.events(subscription.EventSkipped)), 0)
	check(m.t, "unresolved", len(m.stored().Orders), 0)
}

// worked runs a worker every hour, in a range relative to the promised end.
func (m *moved) worked(from, until time.Duration) {
	m.t.Helper()
	for at := m.end.Add(from); !at.After(m.end.Add(until)); at = at.Add(time.Hour) {
		m.now = at
		m.work()
	}
}

var zoneCases = map[string]func(t *testing.T, m *moved){
	"Jordan renews by itself": func(_ *testing.T, m *moved) {
		m.bought()
		m.change()
		m.worked(-25*time.Hour, 30*time.Hour)
		m.continued(2)
		check(m.t, "end", m.latest("call").End(), instant(m.t, "2022-11-30T21:00:00Z"))
	},
	"Jordan renews by hand": func(_ *testing.T, m *moved) {
		m.bought()
		m.change()
		m.now = m.end.Add(-72 * time.Hour)
		m.must(renewal.Renew{Product: "call"})
		m.continued(2)
		m.worked(0, 2*time.Hour)
		check(m.t, "minutes", m.application().Minutes("call", m.now).String(), "100000")
	},
	"Jordan pays after the change for what was ordered before": func(_ *testing.T, m *moved) {
		m.bought()
		m.now = m.end.Add(-72 * time.Hour)
		_, err := m.Bind(m.store).Do(m.t.Context(), app, renewal.Renew{Product: "call"}, "renew")
		check(m.t, "waits", err != nil, true)
		m.change()
		m.work()
		m.continued(2)
	},
	"Jordan upgrades": func(t *testing.T, m *moved) {
		t.Helper()
		m.bought()
		m.change()
		m.at("2022-10-17T09:00:00Z")
		o := m.must(subscription.Upgrade{Product: "call", To: "group-call"}).Order
		check(t, "formula", o.Lines[0].Formula(), "(597.00 − 199.00) × 15/31")
		check(t, "amount", o.Amount.String(), "192.58 USD")
		check(t, "minutes", o.Delivered.Increment.String(), "96774")
	},
	"Jordan upgrades on the last day": func(t *testing.T, m *moved) {
		t.Helper()
		m.bought()
		m.change()
		m.now = m.end.Add(-time.Minute) // 1 November by the new rules, but within the promised October
		o := m.must(subscription.Upgrade{Product: "call", To: "group-call"}).Order
		check(t, "formula", o.Lines[0].Formula(), "(597.00 − 199.00) × 1/31")
	},
	"Jordan is away for the end": func(t *testing.T, m *moved) {
		t.Helper()
		m.bought()
		m.change()
		m.now = m.end.Add(10 * 24 * time.Hour) // interrupted, but owed: the period from the promised end is charged
		m.work()
		m.continued(2)
		check(t, "days", m.latest("call").Cycles[1].Days.String(), "[2022-11-01, 2022-12-01)")
	},
	"Jordan pays by hand on the day of the end, after a grace of twelve hours": func(t *testing.T, m *moved) {
		t.Helper()
		short := func() *pricing.Catalog {
			return catalog(t, `"zone": "UTC"`, `"zone": "`+m.zone+`"`, `"grace_hours": 24`, `"grace_hours": 12`)
		}
		m.catalog = short()
		m.bought()
		m.must(subscription.AutoRenew{Product: "call"})
		m.change()
		m.catalog = short()
		m.now = m.end.Add(14 * time.Hour)
		check(t, "status", m.status(), subscription.Ended)
		check(t, "out of service", m.latest("call").OutOfService, true)
		m.must(renewal.Renew{Product: "call"})
		m.continued(2)
	},
	"Mexico renews by itself": func(_ *testing.T, m *moved) {
		m.bought()
		m.change()
		m.worked(-25*time.Hour, 30*time.Hour)
		m.continued(2)
	},
	"Mexico renews by hand": func(_ *testing.T, m *moved) {
		m.bought()
		m.change()
		m.now = m.end.Add(-72 * time.Hour)
		m.must(renewal.Renew{Product: "call"})
		m.worked(-time.Hour, 30*time.Hour)
		m.continued(2)
	},
	"Mexico paid ahead before the change": func(_ *testing.T, m *moved) {
		m.bought()
		m.must(renewal.Renew{Product: "call"})
		m.change()
		m.worked(-2*time.Hour, 3*time.Hour)
		m.continued(2)
		check(m.t, "begun", m.latest("call").Cycles[1].Begun, true)
	},
}
