package simulation

import "github.com/prepaidkit/prepaid/subscription"

// tries is the maximum number of shorter histories to try.
const tries = 300

// shrink looks for the shortest list of actions with which the world still breaks the same kind of promise. It first
// tries those of one application alone, then removes ever smaller pieces. If whole is set, it leaves the list as it is.
func shrink(newStore NewStore, s settings, actions []action, failed *world, whole bool) *Failure {
	what := failed.violations[0]
	left := tries
	if failed.calls > 100_000 {
		left = tries / 4 // the world is large
	}
	fails := func(shorter []action) bool {
		left--
		if left < 0 {
			return false
		}
		w, err := play(newStore, s, shorter)
		if err != nil {
			return false
		}
		for _, v := range w.violations {
			if v.Kind == what.Kind {
				return true
			}
		}
		return false
	}
	all := len(actions)
	if s.crashAt == 0 && !whole { // otherwise the interrupted call would change
		actions = minimize(actions, what.Application, fails)
	}
	f := &Failure{Seed: s.seed, CrashAt: s.crashAt, CrashAfter: s.crashAfter, Actions: len(actions), Of: all}
	w, err := playTraced(newStore, s, actions, true)
	if err != nil {
		return broken(s, err)
	}
	f.Violations, f.History = w.violations, w.history
	if len(f.History) > 400 {
		f.History = append([]string{"…"}, f.History[len(f.History)-400:]...)
	}
	return f
}

// minimize removes actions as long as the remaining ones still fail.
func minimize(actions []action, app subscription.ApplicationID, fails func([]action) bool) []action {
	if app != "" {
		var own []action
		for _, a := range actions {
			switch a.kind {
			case createApplication, makeRequest, repeatRequest, confirmQuote, depositMoney, switchMethod, useMinutes, sendAgain,
				refundMoney, staffActs:
				if applicationID(a.app) != app {
					continue
				}
			case work, deliverMail, changeCatalog, operate, stepClock, setClock, restoreBackup, tell, reverseMoney:
			}
			own = append(own, a)
		}
		if fails(own) {
			actions = own
		}
	}
	for size := (len(actions) + 1) / 2; size > 0; size /= 2 {
		for from := 0; from < len(actions); {
			shorter := append(append([]action(nil), actions[:from]...), actions[min(from+size, len(actions)):]...)
			if len(shorter) < len(actions) && fails(shorter) {
				actions = shorter
			} else {
				from += size
			}
		}
	}
	return actions
}
