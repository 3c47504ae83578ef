package scale

import "time"

// front is how far the claims of a process have come, as the store remembers it.
type front struct {
	at    place
	ends  time.Duration // when the first lease behind it ends; 0: it is at the start
	round int
}

// rounds is the number of claims that continue from the previous one before one starts over.
const rounds = 16

// begin returns where a claim begins.
func (f *front) begin(asOf time.Duration) place {
	f.round++
	if f.round > rounds || asOf >= f.ends {
		*f = front{at: start()}
	}
	return f.at
}

// advance remembers a claim that found as many as it wanted.
func (f *front) advance(to place, ends time.Duration) {
	if to.compare(f.at) > 0 {
		f.at = to
	}
	if f.ends == 0 || ends < f.ends {
		f.ends = ends
	}
}

// forget makes the next claim start over.
func (f *front) forget() { f.at, f.ends = start(), 0 }
