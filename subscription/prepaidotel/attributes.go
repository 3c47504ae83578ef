package prepaidotel

import (
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/prepaidkit/prepaid/subscription"
)

// labels are what becomes the attributes of a metric: of the fields of an observation those with few values.
type labels struct {
	op                    subscription.Op
	name, outcome, reason string
}

// options are the attributes of a metric, in the form in which instruments take them.
type options struct {
	record []metric.RecordOption
	add    []metric.AddOption
}

func optionsOf(all ...attribute.KeyValue) options {
	with := metric.WithAttributeSet(attribute.NewSet(all...))
	return options{[]metric.RecordOption{with}, []metric.AddOption{with}}
}

// labelsOf returns the labels of an observation, whose name and outcome are bounded.
func labelsOf(o *subscription.Observation) labels {
	l := labels{op: o.Op, name: o.Name, outcome: o.Outcome}
	if o.Op == subscription.OpOrder || o.Op == subscription.OpRefund {
		l.reason = string(o.Reason)
	}
	return l
}

func (l labels) options() options {
	var all []attribute.KeyValue
	text := func(key, value string) {
		if value != "" {
			all = append(all, attribute.String(key, value))
		}
	}
	switch l.op { //nolint:exhaustive // the others have a metric of their own
	case subscription.OpCommand, subscription.OpQuote, subscription.OpUsage, subscription.OpSettle, // one metric
		subscription.OpLoad, subscription.OpCommit, subscription.OpClaim: // another
		text("op", string(l.op))
	}
	text("name", l.name)
	text("outcome", l.outcome)
	text("reason", l.reason)
	return optionsOf(all...)
}

// seen has what was made of each key. Few are ever added, and all are read again and again.
type seen[K comparable, V any] struct {
	all atomic.Pointer[map[K]V]
	mu  sync.Mutex
}

// get returns the value of a key, which is made once. With most > 0, no more than so many keys are kept, and ok is false for
// the others.
func (s *seen[K, V]) get(key K, most int, value func(K) V) (v V, ok bool) {
	if all := s.all.Load(); all != nil {
		if v, ok = (*all)[key]; ok {
			return v, true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[K]V{}
	if all := s.all.Load(); all != nil {
		if v, ok = (*all)[key]; ok {
			return v, true
		}
		if most > 0 && len(*all) >= most {
			return v, false
		}
		next = maps.Clone(*all)
	}
	v = value(key)
	next[key] = v
	s.all.Store(&next)
	return v, true
}

// other stands for the values beyond the bound.
const other = "other"

// bound lets the first most different texts pass, and has the others become one.
type bound struct {
	seen[string, struct{}]

	most int
}

func (b *bound) of(text string) string {
	if text == "" {
		return ""
	}
	if _, ok := b.get(text, b.most, func(string) struct{} { return struct{}{} }); !ok {
		return other
	}
	return text
}
