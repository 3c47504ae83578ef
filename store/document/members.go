package document

import (
	"slices"
	"strings"
)

// members are the names of an object's members, at most 32, in encoding order.
type members struct {
	names    []string
	written  []string       // in encoded form, with quotes and colon
	required uint32         // one bit per member
	known    [Format]uint32 // likewise, for each format
}

// membersOf creates members from a list of names. A question mark marks an optional member. It may be followed by +2
// for a member that exists from format 2 on, or by -2 for one that exists only before format 2.
func membersOf(list string) *members {
	m := &members{names: strings.Fields(list)}
	for i, name := range m.names {
		first, last := 1, Format
		if at := strings.IndexAny(name, "+-"); at >= 0 {
			if n := int(name[at+1] - '0'); name[at] == '+' {
				first = n
			} else {
				last = n - 1
			}
			name = name[:at]
		}
		for format := first; format <= last; format++ {
			m.known[format-1] |= 1 << i
		}
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
	ofApplication = membersOf(`format revision as_of?+2 due? last_lot? counters? closed_through? closed_until?+2 arrears? billing?+2
		reservations? lots? orders? subscriptions? bought? free? pay_as_you_go? refunds?+2 tax?+2 auto_top_ups?+2 closed_at?+2
		erased_at?+2 id account created_at accepted?`)
	ofAcceptance   = membersOf("agreement at")
	ofSubscription = membersOf(`id status renewal? numbers?+2 planned?+2 deal?+2 next cycles suspended?+2 product currency trial?
		auto_renew? out_of_service?+2 zone anchor opened_at`)
	ofNumber  = membersOf("day orders")
	ofPlanned = membersOf("version term at")
	ofDeal    = membersOf("version term price left reason?")
	ofRenewal = membersOf("tries? tried_at? reminded_at? held_until? told? stopped?+2")
	ofCycle   = membersOf(`number begun? granted? period days?+2 promised?+2 version term?+2 price total?+2 minutes order resumed?`)
	ofLot     = membersOf(`id remaining reserved? consumed? refunded? warned? granted taken_back?+2 source products subscription?
		order? free? period granted_at expired?-2`)
	ofBought = membersOf("product version offer?+2 trial? count")
	ofPeriod = membersOf("start end zone")
	ofDays   = membersOf("first until")
	ofAnchor = membersOf("date term passed?+2")
	ofTerm   = membersOf("months? days?")

	ofTaxFacts  = membersOf("region? exempt? number? rates?")
	ofTaxRate   = membersOf("name percent from?")
	ofAutoTopUp = membersOf(`product pack currency quantity minutes? below per_period off? agreement? number? since? bought?
		tries? held_until? stopped? obstacle?`)

	ofCounter = membersOf(`product kind day seconds weight covered? excess? rate? order? forgiven?+2 paid?+2 free?+2
		until?+2`)
	ofPayAsYouGo  = membersOf("since currency")
	ofArrears     = membersOf("since tried_at through interrupted? stopped?+2 reversed?+2")
	ofBilling     = membersOf("number held_until?")
	ofReservation = membersOf("id product kind minutes until parts")
	ofPart        = membersOf("lot quantity")
	ofFreeClaim   = membersOf("id begun next? products minutes anchor zone cycles")

	ofOrder = membersOf(`id application account kind subscription? product? version? placed_at catalog agreement? attempt?
		amount lines taxes?+2 tax_included?+2 present?+2 deliveries? status paid_at?+2 closed_at? reason? note? reference?
		collected? collected_at?+2 delivered? action?+2 refunds?+2 given_back?+2 taken_back_at?+2`)
	ofDelivered = membersOf("period? increment? total? remaining?")
	ofAction    = membersOf("kind value until?")
	ofRefund    = membersOf(`application order number kind id? key? account amount taxes? take? cycles? note? by? status due_at closed_at?
		failed_at? made_at? reason? reference?`)
	ofTax      = membersOf("name percent base amount")
	ofLine     = membersOf("kind item unit credit? times amount")
	ofRatio    = membersOf("num den")
	ofDelivery = membersOf("extend? raise? grant? bill?")
	ofExtend   = membersOf(`subscription product version term zone open? trial? auto_renew? from? day?+2 automatic? catch_up? missed?
		count price total?+2 minutes deal?+2 dealt?+2 beyond?+2 imported?+2 offer?+2`)
	ofBeyond   = membersOf("count price total?")
	ofImported = membersOf("anchor paid_until minutes source")
	ofRaise    = membersOf("subscription cycle from to price total?+2 minutes grant waived?+2 ahead? kept?+2 was?+2")
	ofRaised   = membersOf("version price total? minutes")
	ofGrant    = membersOf("source products minutes validity zone")
	ofValidity = membersOf("months to_month_end?")
	ofBill     = membersOf("day through?+2 until?+2")
)

// object is an object that is being read.
type object struct {
	*members
	name string // of the member whose value comes next
	at   int    // its index, -1 before the first
	seen uint32
}

// object starts reading an object.
func (s *scanner) object(m *members) object {
	s.expect('{')
	return object{members: m, at: -1}
}

// member reads the name of the next member and reports whether there is one. It fails if the name is unknown in the
// document's format or occurred before and, at the end, if required members are missing.
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
	if o.known[s.format-1]>>i&1 == 0 {
		s.failf("unknown member %q in format %d", o.names[i], s.format)
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

// place reads the name of a member and returns its index. It first tries the index i and those shortly after it.
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
