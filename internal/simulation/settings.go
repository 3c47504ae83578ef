package simulation

import (
	"math/rand/v2"
	"time"

	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/renewal"
)

// settings are the parameters of a world. They follow from its seed.
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
	skew         time.Duration // maximum error of a clock
	rich         bool          // accounts start with enough money for years

	crashes  int // actions per thousand that a crash interrupts
	failures int // calls to the store per thousand that fail
	odds     map[paymenttest.Fault]int
	pending  time.Duration // how long the gateway takes to decide what it defers
	retained time.Duration // how long the gateway remembers keys
	lost     int           // notifications per thousand that never arrive
	cancels  bool          // the gateway can cancel

	clocked  bool          // the store has a clock that processes compare with their own
	steps    bool          // clocks are set to other times
	astray   time.Duration // how far at most if the store has no clock
	slowness int           // calls to the gateway per thousand that take minutes
	slowest  time.Duration // at most
	lagging  int           // refunds per thousand whose charge isn't found at first
	known    int           // orders per thousand whose key the gateway already knows
	hasty    int           // reviews per thousand that a person cancels unchecked
	restores int           // how often the store is restored to an earlier copy

	crashAt    int // the call that a crash interrupts, from 1; 0 means none
	crashAfter bool
	mutant     string
}

// zones are the time zones of the worlds.
func zones() []string {
	return []string{"UTC", "Asia/Shanghai", "America/New_York", "Pacific/Auckland"}
}

// settingsOf draws the settings of a long run.
func settingsOf(o *Options, seed uint64) settings {
	rng := rand.New(rand.NewPCG(seed, 0x5e77))
	s := settings{
		seed: seed, applications: o.Applications, workers: o.Workers, services: 2, mutant: o.Mutant,
		// Around the ends of months, so that anchors on the 29th to 31st are common.
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
	s.cancels = mix(seed, 0, "cancels")%2 == 0
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
	// Often enough to meet downtimes and deposits; a higher rate would only make more orders.
	s.policy.UsageRetry = time.Duration(1+rng.IntN(4)) * day
	s.unforeseen(rng)
	return s
}

// unforeseen draws rarer mishaps.
func (s *settings) unforeseen(rng *rand.Rand) {
	s.steps, s.clocked = rng.IntN(3) > 0, rng.IntN(2) == 0
	s.slowness = []int{0, 10, 40}[rng.IntN(3)]
	s.lagging = []int{0, 400}[rng.IntN(2)]
	s.known = []int{0, 10, 40}[rng.IntN(3)]
	s.hasty = []int{0, 500}[rng.IntN(2)]
	if s.restores = []int{0, 0, 2, 5}[rng.IntN(4)]; s.restores > 0 {
		// If the gateway may have forgotten what it knew before a restore, its statement must be compared first.
		s.retained = []time.Duration{0, 1000 * day}[rng.IntN(2)]
	}
	// The library reserves a tenth of the retention for clock differences and slow calls.
	s.astray, s.slowest = 6*time.Hour, 3*time.Hour
	if s.retained > 0 {
		s.astray, s.slowest = min(s.astray, s.retained/24), min(s.slowest, s.retained/48)
	}
}

const day = 24 * time.Hour
