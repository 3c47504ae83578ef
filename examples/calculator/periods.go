package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// maxPeriods limits the number of periods in one answer: a hundred years of months.
const maxPeriods = 1200

// span is a period in days; End is exclusive.
type span struct {
	Start pricing.Date `json:"start"`
	End   pricing.Date `json:"end"`
	Days  int          `json:"days"`
}

// consecutive is the answer to "periods".
type consecutive struct {
	Periods []span `json:"periods"`

	title string
}

// periods lists the first periods of a subscription.
func periods(cat *pricing.Catalog, r *request) (result, error) {
	anchor := pricing.Anchor{Date: r.date("anchor"), Term: r.term()}
	count, zone := r.count("count", 1, maxPeriods), r.zone(cat)
	if err := r.finish(); err != nil {
		return nil, err
	}
	list, err := spans(anchor, int(count), zone)
	if err != nil {
		return nil, err
	}
	return consecutive{list, fmt.Sprintf("periods of %s from %s, %s", anchor.Term, anchor.Date, zone.Name())}, nil
}

// spans returns the first n periods of an anchor in days of the zone.
func spans(anchor pricing.Anchor, n int, zone pricing.Zone) ([]span, error) {
	list := make([]span, n)
	for i := range list {
		p, err := anchor.Period(i, zone)
		if err != nil {
			return nil, err
		}
		days, err := p.Days(zone)
		if err != nil {
			return nil, err
		}
		list[i] = span{zone.DateOf(p.Start), zone.DateOf(p.End), days}
	}
	return list, nil
}
