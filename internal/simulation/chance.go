package simulation

import (
	"fmt"
	"hash/fnv"

	"github.com/prepaidkit/prepaid/internal/audit"
	"github.com/prepaidkit/prepaid/subscription"
)

// draw returns a pseudo-random number that depends on the current action, the number of its draws so far, and the
// purpose.
func (w *world) draw(what string) uint64 {
	w.draws++
	return mix(w.current.seed, w.draws, what)
}

// chance reports whether something with a probability in thousandths happens.
func (w *world) chance(what string, perMille int) bool {
	return !w.healthy && int(w.draw(what)%1000) < perMille
}

// mix returns a hash of its arguments.
func mix(a, b uint64, text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	x := h.Sum64() ^ a*0x9e3779b97f4a7c15 ^ b*0xbf58476d1ce4e5b9
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// tracef adds a line to the history, if one is kept.
func (w *world) tracef(format string, args ...any) {
	if w.tracing {
		w.history = append(w.history, w.now.Format("2006-01-02 15:04:05 ")+fmt.Sprintf(format, args...))
	}
}

// violatef records a broken promise.
func (w *world) violatef(kind string, app subscription.ApplicationID, format string, args ...any) {
	w.broken(audit.Violation{Kind: kind, Application: app, At: w.now, Text: fmt.Sprintf(format, args...)})
}

func (w *world) broken(v audit.Violation) {
	w.violations = append(w.violations, v)
	w.tracef("  BROKEN: %s", v)
}
