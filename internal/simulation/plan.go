package simulation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// kind is the kind of an action.
type kind string

// The kinds of actions. The requests of customers are intents.
const (
	createApplication kind = "create"
	makeRequest       kind = "request"
	repeatRequest     kind = "repeat"
	confirmQuote      kind = "confirm"
	depositMoney      kind = "deposit"
	switchMethod      kind = "method"
	useMinutes        kind = "use"
	work              kind = "work"
	deliverMail       kind = "mail"
	changeCatalog     kind = "catalog"
	operate           kind = "operate"
	stepClock         kind = "clock wrong"
	setClock          kind = "clock right"
	restoreBackup     kind = "restore"
	sendAgain         kind = "send again"
	refundMoney       kind = "refund"  // by the seller's staff
	reverseMoney      kind = "reverse" // by a payer's bank
	staffActs         kind = "staff"
	tell              kind = "tell" // of a story
)

// action is one thing that happens. Its effect depends only on its own seed and the state of the world, so that leaving
// out another action changes little of it.
type action struct {
	at     time.Duration // since the world's start
	kind   kind
	app    int  // of a customer's action
	which  int  // of work: the worker; of request: the intent and one, 0 is drawn; of a clock or a catalog: the process; of staff: what
	what   int  // of a catalog: which
	within bool // happens in the middle of the action before
	seed   uint64
}

func (a action) String() string {
	s := string(a.kind)
	switch a.kind {
	case work:
		s += fmt.Sprintf(" worker %d", a.which)
	case changeCatalog:
		s += fmt.Sprintf(" %d at process %d", a.what, a.which)
	case stepClock, setClock:
		s += fmt.Sprintf(" of process %d", a.which)
	case deliverMail, operate, restoreBackup, tell, reverseMoney:
	case createApplication, makeRequest, repeatRequest, confirmQuote, depositMoney, switchMethod, useMinutes, sendAgain, refundMoney,
		staffActs:
		s += " " + string(applicationID(a.app))
	}
	if a.within {
		s += " (meanwhile)"
	}
	return s
}

// plan returns the actions of a long run.
func (s *settings) plan() []action {
	rng := rand.New(rand.NewPCG(s.seed, 0x91a2))
	p := planner{rng: rng, length: s.length}
	for app := range s.applications {
		at := p.between(0, s.length/8)
		if app%3 == 0 {
			at = p.between(0, 3*day)
		}
		p.add(action{at: at, kind: createApplication, app: app})
		p.add(action{at: at + p.between(0, day), kind: makeRequest, app: app, which: 1})
		for at < s.length {
			p.add(action{at: at, kind: p.customers(), app: app})
			at += p.between(0, 12*day)
		}
		p.usage(app)
		for at := p.between(0, 60*day); at < s.length; at += p.between(10*day, 160*day) {
			p.add(action{at: at, kind: refundMoney, app: app})
		}
	}
	for at := p.between(0, 20*day); at < s.length; at += p.between(0, 16*day) {
		p.add(action{at: at, kind: reverseMoney})
	}
	down := p.downtimes()
	for at := time.Duration(0); at < s.length; at += p.between(0, 6*time.Hour) {
		if !down(at) {
			p.add(action{at: at, kind: work, which: rng.IntN(s.workers)})
		}
	}
	for at := time.Duration(0); at < s.length; at += p.between(0, 2*day) {
		p.add(action{at: at, kind: deliverMail})
	}
	for at := 20 * day; at < s.length; at += p.between(10*day, 60*day) {
		p.add(action{at: at, kind: operate})
	}
	p.catalogs(s)
	p.clocks(s)
	for range s.restores {
		p.add(action{at: p.between(s.length/10, s.length*9/10), kind: restoreBackup})
	}
	p.actions = append(p.actions, s.staffPlan()...)
	slices.SortStableFunc(p.actions, func(a, b action) int { return int(a.at - b.at) })
	return p.actions
}

type planner struct {
	rng     *rand.Rand
	length  time.Duration
	actions []action
}

func (p *planner) between(from, to time.Duration) time.Duration {
	return from + time.Duration(p.rng.Int64N(int64(to-from)))
}

// usage adds an application's usage: several times on some days, with days without any in between.
func (p *planner) usage(app int) {
	for at := p.between(0, p.length/4); at < p.length; at += p.between(day, 12*day) {
		for range 1 + p.rng.IntN(3) {
			p.add(action{at: min(at+p.between(0, 20*time.Hour), p.length), kind: useMinutes, app: app})
		}
	}
}

func (p *planner) add(a action) {
	a.seed = p.rng.Uint64()
	switch a.kind { //nolint:exhaustive // the others are drawn alike
	case changeCatalog, restoreBackup:
	case work:
		a.within = p.rng.IntN(10) == 0
	default:
		a.within = p.rng.IntN(4) == 0
	}
	p.actions = append(p.actions, a)
}

// catalogs introduces each revision of the catalog to all processes: to some at once, and to others a day or two later,
// so that they see different ones meanwhile.
func (p *planner) catalogs(s *settings) {
	for i := 1; i < revisions; i++ {
		at := p.between(p.length*time.Duration(i)/revisions, p.length*time.Duration(i+1)/revisions-2*day)
		for n := range s.services + s.workers {
			later := time.Duration(0)
			if p.rng.IntN(2) == 0 {
				later = p.between(0, 2*day)
			}
			p.add(action{at: at + later, kind: changeCatalog, which: n, what: i})
		}
	}
}

// clocks sets clocks wrong, and corrects them some time later.
func (p *planner) clocks(s *settings) {
	if !s.steps {
		return
	}
	for at := p.between(0, 30*day); at < s.length; at += p.between(day/2, 15*day) {
		n := p.rng.IntN(s.services + s.workers)
		p.add(action{at: at, kind: stepClock, which: n})
		p.add(action{at: at + p.between(time.Minute, 8*time.Hour), kind: setClock, which: n})
	}
}

// customers draws a customer's next kind of action.
func (p *planner) customers() kind {
	return []kind{
		makeRequest, makeRequest, makeRequest, makeRequest, makeRequest, makeRequest,
		repeatRequest, repeatRequest, confirmQuote, confirmQuote, depositMoney, depositMoney, switchMethod,
	}[p.rng.IntN(13)]
}

// downtimes draws the times when no worker runs: a day, a month, several months.
func (p *planner) downtimes() func(time.Duration) bool {
	type span struct{ from, to time.Duration }
	var spans []span
	for _, long := range []time.Duration{day, 3 * day, 33 * day, 130 * day} {
		if p.rng.IntN(2) == 0 && long < p.length/3 {
			from := p.between(p.length/10, p.length-long)
			spans = append(spans, span{from, from + long})
		}
	}
	return func(at time.Duration) bool {
		return slices.ContainsFunc(spans, func(s span) bool { return s.from <= at && at < s.to })
	}
}
