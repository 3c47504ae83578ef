package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// world is the complete state of a run. In it, one thing happens at a time.
type world struct {
	settings
	now      time.Time
	newStore NewStore
	catalogs []*pricing.Catalog // in order of time
	newest   int                // the latest one that any process sees
	accounts *balance.Accounts
	gateway  *paymenttest.Hostile
	store    *recorder
	erases   bool // the store can
	mutant   mutant

	services  []*process
	workers   []*process
	customers []*customer
	post      []letter

	happens  func(action)                        // act
	told     func()                              // the rest of the story
	stranger func(payment.Charge) payment.Charge // the charge that the gateway knows under a key, in a story
	rest     []action                            // remaining
	current  action                              // the one in progress
	depth    int                                 // of nested actions
	draws    uint64                              // random numbers drawn by the current action
	healthy  bool                                // faults have stopped
	calls    int                                 // of the store and the gateway, so far
	played   int                                 // of those, until the world came to rest
	lately   int                                 // of those, since the last top-level action
	doomed   doom
	locked   map[subscription.ApplicationID]int64 // of a mutant
	charged  map[string]bool                      // of a mutant: the keys that were charged
	lag      map[string]time.Time                 // until when refunds aren't found
	verdicts map[string]verdict                   // by key
	rounds   []time.Time                          // times of workers' undisturbed rounds
	failed   time.Time                            // when a round last failed

	figures    Figures
	violations []audit.Violation
	history    []string
	tracing    bool
}

// doom is the crash that interrupts the current action.
type doom struct {
	after int // that many calls
	late  bool
	armed bool
}

// play makes a world, performs a list of actions in it, brings it to rest, and audits it.
func play(newStore NewStore, s settings, actions []action) (*world, error) {
	return playTraced(newStore, s, actions, false)
}

func playTraced(newStore NewStore, s settings, actions []action, tracing bool) (*world, error) {
	w, err := newWorld(newStore, s)
	if err != nil {
		return nil, err
	}
	w.tracing = tracing
	w.rest = slices.Clone(actions) // more are inserted
	for len(w.rest) > 0 {
		a := w.rest[0]
		w.rest = w.rest[1:]
		w.act(a)
	}
	w.finish()
	return w, nil
}

// finish brings the world to rest and audits it.
func (w *world) finish() {
	w.played = w.calls
	w.settle()
	w.audit()
	w.count()
}

func newWorld(newStore NewStore, s settings) (*world, error) {
	cats, err := Catalogs(s.zone)
	if err != nil {
		return nil, err
	}
	m, err := mutantOf(s.mutant)
	if err != nil {
		return nil, err
	}
	w := &world{
		settings: s, now: s.start, newStore: newStore, catalogs: cats, mutant: m,
		lag: map[string]time.Time{}, verdicts: map[string]verdict{},
	}
	clock := func() time.Time { return w.now }
	w.accounts = balance.New(&balance.Options{Now: clock})
	w.gateway = paymenttest.NewHostile(w.accounts, w.hostility(clock))
	w.store = newRecorder(w, newStore())
	_, w.erases = w.store.Store.(subscription.Eraser)
	for i := range s.services {
		w.services = append(w.services, w.newProcess(fmt.Sprintf("service %d", i), i))
	}
	for i := range s.workers {
		w.workers = append(w.workers, w.newProcess(fmt.Sprintf("worker %d", i), i+1))
	}
	for i := range s.applications {
		w.customers = append(w.customers, newCustomer(i))
	}
	for _, p := range w.processes() {
		if err := p.restart(); err != nil {
			return nil, err
		}
	}
	w.happens = w.act
	if err := w.openAccounts(); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *world) processes() []*process {
	return append(append([]*process(nil), w.services...), w.workers...)
}

// identity is the identity of the world's store, with which the gateway's keys begin.
func (w *world) identity() string { return fmt.Sprintf("%016x", w.seed) }

// catalog returns the announced catalog, which customers see.
func (w *world) catalog() *pricing.Catalog { return w.catalogs[w.newest] }

// changeCatalog makes a process see a later catalog.
func (w *world) changeCatalog(i, catalog int) {
	all := w.processes()
	all[i%len(all)].catalog = catalog
	w.newest = max(w.newest, catalog)
}

// apart reports whether processes see different catalogs.
func (w *world) apart() bool {
	return slices.ContainsFunc(w.processes(), func(p *process) bool { return p.catalog != w.newest })
}

// act performs one action, including those nested in it.
func (w *world) act(a action) {
	outer, draws, doomed := w.current, w.draws, w.doomed
	w.current, w.draws, w.doomed = a, 0, doom{}
	w.depth++
	if w.depth == 1 {
		w.lately = 0
	}
	if at := w.start.Add(a.at); at.After(w.now) {
		w.now = at
	}
	if w.crashes > 0 && w.chance("crash", w.crashes) {
		w.doomed = doom{armed: true, after: int(w.draw("crash after") % 8), late: w.chance("crash late", 500)}
	}
	before := len(w.history)
	w.tracef("%s", a)
	w.figures.Actions++
	w.do(a)
	if len(w.history) == before+1 && a.kind == work {
		w.history = w.history[:before] // nothing was due
	}
	w.depth--
	w.current, w.draws, w.doomed = outer, draws, doomed
	for _, p := range w.processes() {
		if p.dead && !p.busy {
			w.tracef("  %s begins anew", p.name)
			if err := p.restart(); err != nil {
				w.violatef("process", "", "%v", err)
			}
		}
	}
}

func (w *world) do(a action) {
	switch a.kind {
	case work:
		w.work(a.which)
	case deliverMail:
		w.deliver()
	case changeCatalog:
		w.figures.Catalogs++
		w.changeCatalog(a.which, a.what)
	case stepClock:
		w.stepClock(a.which)
	case setClock:
		w.setClock(a.which)
	case restoreBackup:
		w.restore()
	case operate:
		w.operate()
	case reverseMoney:
		w.reverse()
	case tell:
		w.told()
	case createApplication, makeRequest, repeatRequest, confirmQuote, depositMoney, switchMethod, useMinutes, sendAgain, refundMoney,
		staffActs:
		w.customers[a.app].act(w, a)
	}
}

// work runs a worker for one round.
func (w *world) work(i int) {
	p := free(w.workers, i)
	if p == nil {
		return
	}
	p.run(func() {
		now, interleaved := p.now(), w.figures.Interleaved
		stats, err := p.round(w.draw("clock")%2 == 0)
		switch {
		case err != nil:
			if !w.tryAgain(err) {
				w.violatef("worker", "", "%v", err)
			}
			w.failed = w.now
		case stats.Skewed > 0:
			w.figures.WrongClock += stats.Skewed
		case p.step != 0:
		case w.depth == 1 && w.now.Sub(w.failed) > w.lease+2*w.skew && w.figures.Interleaved == interleaved:
			w.rounds = append(w.rounds, now)
		}
		w.figures.Rounds++
		w.figures.Conflicts += stats.Conflicts
		if stats != (renewal.Stats{}) || err != nil {
			w.tracef("  %s: %+v, %v", p.name, stats, err)
		}
	})
}

// meanwhile performs the next action within the current one, if that is planned. A process may wait for the store for
// hours, but a call to the gateway times out earlier.
func (w *world) meanwhile(atGateway bool) {
	if w.depth > 2 || len(w.rest) == 0 || !w.rest[0].within || w.draw("meanwhile")%3 != 0 {
		return
	}
	a := w.rest[0]
	if wait := w.start.Add(a.at).Sub(w.now); wait > 6*time.Hour || atGateway && wait > 20*time.Second {
		return
	}
	w.rest = w.rest[1:]
	w.figures.Interleaved++
	w.happens(a)
}
