package subscription

import (
	"errors"

	"github.com/prepaidkit/prepaid/pricing"
)

// NextTerms are the terms of the first period of a subscription that isn't paid for, however it is bought: the version
// and term of the last one that was, or those of a planned change, at the price of the deal or the list price.
type NextTerms struct {
	Version pricing.VersionID
	Term    pricing.Term
	Price   pricing.Money // per period, without taxes that come on top; of the deal, if Dealt isn't 0
	List    pricing.Money // the list price
	Minutes int64         // per period
	// Dealt is for how many periods the deal holds, if they are bought on these terms; negative: for good; 0: there is none
	// for this version and term.
	Dealt int
	// Dropped is why the change that was planned can't be made, "" if there is none or it can. The present version and
	// term renew then.
	Dropped string
	// Anchor and Next are what the periods are counted from, and the number of the first one. They are the subscription's
	// own unless the term changes.
	Anchor pricing.Anchor
	Next   int
}

// NextTerms returns the terms of the first period that isn't paid for, by a catalog. It fails with the errors of
// [pricing.Catalog.List] for the present version and term if nothing else is planned, or what is can't be had, and with
// [pricing.ErrDate] for a period that no calendar has.
func (s Subscription) NextTerms(cat *pricing.Catalog) (NextTerms, error) {
	version, term := s.Last()
	dropped := ""
	if p := s.Planned; p != nil {
		t, err := s.terms(p.Version, p.Term, cat)
		if err == nil {
			return t, nil
		}
		dropped = plain(err.Error())
	}
	t, err := s.terms(version, term, cat)
	t.Dropped = dropped
	return t, err
}

// Last returns the version and term of the last period that is paid for: what renews, unless a change is planned.
func (s Subscription) Last() (pricing.VersionID, pricing.Term) {
	if n := len(s.Cycles); n > 0 {
		return s.Cycles[n-1].Version, s.termOf(&s.Cycles[n-1])
	}
	return "", s.Anchor.Term
}

// terms returns the terms of the next period in a version and for a term. A version that is withdrawn is sold only to those
// who hold it.
func (s *Subscription) terms(version pricing.VersionID, term pricing.Term, cat *pricing.Catalog) (NextTerms, error) {
	list, err := cat.List(s.Product, version, term, s.Currency)
	if err != nil {
		return NextTerms{}, err
	}
	v, err := cat.Version(s.Product, version)
	if err != nil {
		return NextTerms{}, err
	}
	if held, _ := s.Last(); v.Withdrawn && version != held {
		return NextTerms{}, errWithdrawn
	}
	t := NextTerms{
		Version: version, Term: term, Price: list.Price, List: list.Price, Minutes: list.Minutes, Anchor: s.Anchor, Next: s.Next,
	}
	if d := s.Deal; d.names(version, term) {
		t.Dealt, t.Price = d.Left, d.price(cat)
	}
	if term != s.Anchor.Term {
		t.Next = 0
		if t.Anchor, err = s.Anchor.Changed(s.Next, term); err != nil {
			return NextTerms{}, err
		}
	}
	return t, nil
}

// errWithdrawn is why a change to a version isn't made that was withdrawn since it was planned.
var errWithdrawn = errors.New("the version is no longer on sale")

// termOf returns the term of a cycle.
func (s *Subscription) termOf(c *Cycle) pricing.Term {
	if c.Term != (pricing.Term{}) {
		return c.Term
	}
	return s.Anchor.Term
}

// retime changes the term of the periods from the next one on. Those before it keep theirs.
func (s *Subscription) retime(term pricing.Term) error {
	if term == s.Anchor.Term {
		return nil
	}
	s.recordDays() // which it counts from the anchor
	anchor, err := s.Anchor.Changed(s.Next, term)
	if err != nil {
		return err
	}
	for _, cycles := range [][]Cycle{s.Cycles, s.Suspended} {
		for i := range cycles {
			cycles[i].Term = s.termOf(&cycles[i])
		}
	}
	s.Anchor, s.Next = anchor, 0
	return nil
}

// uncount takes the last period out of the count. Periods from before the last change of the term are counted from
// the anchor's day too, so the anchor goes back by a term once none is left that followed it.
func (s *Subscription) uncount() {
	switch term := s.Anchor.Term; {
	case s.Next > 0:
		s.Next--
	case term.Days != 0:
		s.Anchor.Date -= pricing.Date(term.Days)
	default:
		s.Anchor.Passed -= term.Months
	}
}

// retimeBack restores the term from before the last change of it, once no period of the later term is left.
func (s *Subscription) retimeBack() {
	_, term := s.Last()
	if s.Next > 0 || term == s.Anchor.Term {
		return
	}
	for i := range s.Suspended {
		s.Suspended[i].Term = s.termOf(&s.Suspended[i])
	}
	s.Anchor.Term = term
}
