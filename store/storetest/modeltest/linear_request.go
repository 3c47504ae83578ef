package modeltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// request is what a caller asks: one of usage, a reservation, a release and a look at what is left.
type request struct {
	key     string
	use     []subscription.Usage
	reserve *subscription.Reserve
	release *subscription.Release
}

// answer is what a caller is told: the outcome of each record, that of the command, or what is left.
type answer struct {
	records []outcome
	outcome outcome
	left    int64
}

// records is how many different IDs records have, and holds how many reservations have, so that callers meet.
const (
	records = 40
	holds   = 4
)

// kinds that records are of, each with its weight.
func kinds() []pricing.UsageKindID { return []pricing.UsageKindID{"audio", "hd"} }

// draw returns a random request.
func draw(now time.Time, key string) request {
	in := request{key: key}
	switch r := rand.N(10); {
	case r < 4:
		for range 1 + rand.N(3) {
			in.use = append(in.use, drawRecord(now))
		}
	case r < 7:
		in.reserve = &subscription.Reserve{
			ID: strconv.Itoa(rand.N(holds)), Product: "call", Usage: kinds()[rand.N(2)], Minutes: int64(rand.N(4)),
			Until: now.Add(time.Hour),
		}
	case r < 9:
		in.release = &subscription.Release{ID: strconv.Itoa(rand.N(holds))}
		if rand.N(2) == 0 {
			u := drawRecord(now)
			in.release.Used = &u
		}
	}
	return in
}

func drawRecord(now time.Time) subscription.Usage {
	return subscription.Usage{
		ID: strconv.Itoa(rand.N(records)), Product: "call", Kind: kinds()[rand.N(2)], At: now,
		Seconds: []int64{20, 40, 60, 150}[rand.N(4)],
	}
}

// ask makes a request. An error is neither success nor a refusal.
func (in request) ask(ctx context.Context, s *subscription.Service, app subscription.ApplicationID) (answer, error) {
	var cmd subscription.Command
	switch {
	case in.use != nil:
		results, err := s.Consume(ctx, app, in.use...)
		if err != nil {
			return answer{}, err
		}
		out := answer{}
		for _, r := range results {
			o, err := outcomeOf(r)
			if err != nil {
				return answer{}, err
			}
			out.records = append(out.records, o)
		}
		return out, nil
	case in.reserve != nil:
		cmd = *in.reserve
	case in.release != nil:
		cmd = *in.release
	default:
		a, err := s.Application(ctx, app)
		return answer{left: int64(a.Minutes("call", opening()))}, err
	}
	_, err := s.Do(ctx, app, cmd, in.key)
	why, short, failure := refusal(err)
	return answer{outcome: outcome{Refused: why, Short: short}}, failure
}

// String says what is asked.
func (in request) String() string {
	switch {
	case in.use != nil:
		var b strings.Builder
		for _, u := range in.use {
			fmt.Fprintf(&b, "; record %s, %d s of %s", u.ID, u.Seconds, u.Kind)
		}
		return "use" + b.String()[1:]
	case in.reserve != nil:
		return fmt.Sprintf("reserve %s, %d min of %s", in.reserve.ID, in.reserve.Minutes, in.reserve.Usage)
	case in.release == nil:
		return "look"
	case in.release.Used == nil:
		return "release " + in.release.ID
	}
	u := in.release.Used
	return fmt.Sprintf("release %s, used record %s, %d s of %s", in.release.ID, u.ID, u.Seconds, u.Kind)
}

// describe lists a history in the order in which it was asked.
func describe(history []porcupine.Operation) string {
	history = slices.Clone(history)
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	var b strings.Builder
	for _, o := range history {
		fmt.Fprintf(&b, "%3d–%3d caller %d: %s → %+v\n", o.Call, o.Return, o.ClientId, o.Input, o.Output)
	}
	return b.String()
}
