package simulation

import (
	"math/rand/v2"
	"time"

	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/renewal"
)

// settings are what a world is made of. They follow from its seed.
type settings struct {
	seed         uint64
	applications int
	workers      int
	services     int
	start        time.Time
	length       time.Duration
	zone         string
	policy       renewal.Policy
	lease        time.Duration
	skew         time.Duration // how wrong a clock can be
	rich         bool          // accounts begin with money enough for years

	crashes  int // actions in a thousand that a crash interrupts
	failures int // calls of the store in a thousand that fail
	odds     map[paymenttest.Fault]int
	pending  time.Duration // how long the gateway takes to decide what it defers
	retained time.Duration // how long the gateway remembers keys
	lost     int           // notifications in a thousand that never arrive

	crashAt    int // the call that a crash interrupts, from 1; 0: none
	crashAfter bool
	mutant     string
}

// zones are the calendars of the worlds.
func zones() []string {
	return []string{"UTC", "Asia/Shanghai", "America/New_York", "Pacific/Auckland"}
}

// settingsOf draws the settings of a long run.
func settingsOf(o *Options, seed uint64) settings {
	rng := rand.New(rand.NewPCG(seed, 0x5e77))
	s := settings{
		seed: seed, applications: o.Applications, workers: o.Workers, services: 2, mutant: o.Mutant,
		// Around the ends of months, so that anchors of the 29th to the 31st are common.
		start:    time.Date(2024, time.January, 26+rng.IntN(8), rng.IntN(24), rng.IntN(60), 0, 0, time.UTC),
		length:   time.Duration(o.Months) * 30 * day,
		zone:     zones()[rng.IntN(len(zones()))],
		lease:    time.Duration(1+rng.IntN(10)) * time.Minute,
		skew:     time.Duration(rng.IntN(180)) * time.Second,
		rich:     rng.IntN(2) == 0,
		failures: rng.IntN(30), lost: rng.IntN(150), crashes: 30,
		odds:     map[paymenttest.Fault]int{},
		pending:  time.Duration(1+rng.IntN(24)) * time.Hour,
		retained: time.Duration(2+rng.IntN(30)) * day,
	}
	if o.NoCrashes {
		s.crashes = 0
	}
	hostility := 1 + rng.IntN(10) // tenths of the default odds
	defaults := paymenttest.DefaultOdds()
	for _, f := range paymenttest.Faults() {
		s.odds[f] = defaults[f] * hostility / 10
	}
	if rng.IntN(2) == 0 {
		s.odds[paymenttest.WrongAmount] = 5
	}
	s.policy.CatchUp = renewal.Lapse
	if rng.IntN(3) == 0 {
		s.policy.CatchUp = renewal.BillEach
	}
	if rng.IntN(3) == 0 {
		s.policy.Attempts = []time.Duration{-72 * time.Hour, -time.Hour, time.Minute, 23 * time.Hour}
	}
	// Often enough to be met by downtimes and deposits; more often would only make more orders.
	s.policy.UsageRetry = time.Duration(1+rng.IntN(4)) * day
	return s
}

const day = 24 * time.Hour
