package simulation

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
