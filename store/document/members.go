package document

import (
	"slices"
	"strings"
)

// members are the names of an object's members, at most 32, in the order in which they are written.
type members struct {
	names    []string
	written  []string // as the encoder does it, with quotes and colon
	required uint32   // a bit for each
}

// membersOf makes them of their names; one that ends in a question mark may be missing.
func membersOf(list string) *members {
	m := &members{names: strings.Fields(list)}
	for i, name := range m.names {
		var optional bool
		if m.names[i], optional = strings.CutSuffix(name, "?"); !optional {
			m.required |= 1 << i
		}
		m.written = append(m.written, `"`+m.names[i]+`":`)
	}
	return m
}

//nolint:gochecknoglobals // tables, never written
var (
	ofApplication = membersOf(`format id account revision created_at due? accepted? subscriptions? lots? orders? bought?
		last_lot? counters? closed_through? pay_as_you_go? arrears? reservations? free?`)
	ofAcceptance   = membersOf("agreement at")
	ofSubscription = membersOf("id product status currency trial? auto_renew? zone anchor next opened_at cycles renewal?")
	ofRenewal      = membersOf("tries? tried_at? reminded_at? held_until? told?")
	ofCycle        = membersOf("number period version price minutes order resumed? begun? granted?")
	ofLot          = membersOf(`id source products subscription? order? free? period granted_at granted remaining reserved?
		consumed? expired? refunded? warned?`)
	ofBought = membersOf("product version trial? count")
	ofPeriod = membersOf("start end zone")
	ofAnchor = membersOf("date term")
	ofTerm   = membersOf("months? days?")

	ofCounter     = membersOf("product kind day seconds weight covered? excess? rate? order?")
	ofPayAsYouGo  = membersOf("since currency")
	ofArrears     = membersOf("since tried_at through interrupted?")
	ofReservation = membersOf("id product kind minutes until parts")
	ofPart        = membersOf("lot quantity")
	ofFreeClaim   = membersOf("id products minutes anchor zone cycles begun next?")

	ofOrder = membersOf(`id application account kind subscription? product? version? placed_at catalog agreement? attempt?
		amount lines deliveries? status closed_at? reason? note? reference? collected? delivered?`)
	ofDelivered = membersOf("period? increment? total? remaining?")
	ofLine      = membersOf("kind item unit credit? times amount")
	ofRatio     = membersOf("num den")
	ofDelivery  = membersOf("extend? raise? grant? bill?")
	ofExtend    = membersOf(`subscription product version term zone open? trial? auto_renew? from? automatic? catch_up? missed?
		count price minutes`)
	ofRaise    = membersOf("subscription cycle from to price minutes grant ahead?")
	ofGrant    = membersOf("source products minutes validity zone")
	ofValidity = membersOf("months to_month_end?")
	ofBill     = membersOf("day")
)

// object is an object that is being read.
type object struct {
	*members
	name string // of the member whose value is the next
	at   int    // its place, -1 before the first
	seen uint32
}

// object begins to read an object.
func (s *scanner) object(m *members) object {
	s.expect('{')
	return object{members: m, at: -1}
}

// member reads the name of the next member, and reports whether there is one. It fails for a name that isn't one of
// the members', for one that came before, and at the end for those that are missing.
func (s *scanner) member(o *object) bool {
	if !s.more(o.seen == 0, '}') {
		if missing := o.required &^ o.seen; missing != 0 && s.err == nil {
			for i, name := range o.names {
				if missing>>i&1 != 0 {
					s.failf("no %q", name)
				}
			}
		}
		return false
	}
	i := s.place(o.members, o.at+1)
	if s.err != nil {
		return false
	}
	if o.seen>>i&1 != 0 {
		s.failf("%q twice", o.names[i])
		return false
	}
	o.name, o.at = o.names[i], i
	o.seen |= 1 << i
	return true
}

// place reads the name of a member, which is probably the one at i or a little later, and returns its place.
func (s *scanner) place(m *members, i int) int {
	s.peek()
	for j, rest := i, s.src[s.at:]; j < len(m.written); j++ {
		if w := m.written[j]; len(w) <= len(rest) && string(rest[:len(w)]) == w {
			s.at += len(w)
			return j
		}
	}
	name := s.text()
	s.expect(':')
	i = slices.IndexFunc(m.names, func(n string) bool { return n == string(name) })
	if i < 0 {
		s.failf("unknown member %.64q", name)
	}
	return i
}
