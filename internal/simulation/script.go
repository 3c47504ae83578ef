package simulation

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/renewal"
)

// scriptSettings are the settings of the world in which every crash point is tried: hostile, short of money and small.
func scriptSettings(o *Options) settings {
	odds := paymenttest.DefaultOdds()
	odds[paymenttest.WrongAmount] = 10
	return settings{
		seed: o.Seed, applications: 4, workers: 2, services: 2, mutant: o.Mutant,
		start: time.Date(2025, time.January, 31, 9, 0, 0, 0, time.UTC), length: 100 * day, zone: "Asia/Shanghai",
		lease: 5 * time.Minute, skew: 20 * time.Second, odds: odds, pending: 5 * time.Hour, retained: 4 * day,
		policy:   renewal.Policy{CatchUp: renewal.Lapse},
		slowness: 20, slowest: 2 * time.Hour, lagging: 400, known: 60, hasty: 500,
		cancels: mix(o.Seed, 0, "cancels")%2 == 0,
	}
}

// script returns what happens between the crash points: purchases, upgrades, manual and automatic renewals, declines,
// deposits, quotes, canceled orders, refunds, reversals, notifications and what the staff does, for some 100 days.
func script() []action {
	var all []action
	rng := rand.New(rand.NewPCG(7, 7))
	add := func(at time.Duration, k kind, app, which int) {
		all = append(all, action{at: at, kind: k, app: app, which: which, seed: rng.Uint64(), within: rng.IntN(5) == 0 && k != work})
	}
	for app := range 4 {
		begun := time.Duration(app) * 7 * time.Hour
		add(begun, createApplication, app, 0)
		if app == 0 || app == 3 { // the others run out of money at once
			add(begun+time.Minute, depositMoney, app, 0)
		}
		add(begun+2*time.Minute, makeRequest, app, 1)
		add(begun+3*time.Minute, repeatRequest, app, 0)
		for i, n := range []int{5, 12, 20, 29, 36, 45, 58, 63, 75, 88} {
			at := time.Duration(n)*day + begun
			add(at, makeRequest, app, 2+(i+app)%(len(packageIntents())-1))
			if i%3 == 0 {
				add(at+time.Minute, repeatRequest, app, 0)
				add(at+time.Minute, confirmQuote, app, 0)
			}
		}
		add(begun+40*day, depositMoney, app, 0)
		if app%2 == 1 {
			addMinutes(add, app, begun)
		}
	}
	for _, hours := range []int{50, 57, 75, 79, 100, 130, 150} { // while usage is billed and unpaid
		add(time.Duration(hours)*time.Hour, work, 0, hours%2)
	}
	// The periods that begin with 31 January end on 28 February, 31 March and 30 April.
	for _, n := range []int{28, 59, 89} {
		end := time.Duration(n) * day
		for i, hours := range []int{-7 * 24, -24, -12, -3, 0, 7, 13, 19, 25, 48} {
			add(end+time.Duration(hours)*time.Hour, work, 0, i%2)
		}
		add(end+8*time.Hour, deliverMail, 0, 0)
	}
	for i, n := range []int{1, 6, 21, 37, 46, 64, 76} {
		at := time.Duration(n) * day
		add(at, deliverMail, 0, 0)
		add(at+time.Hour, work, 0, i%2)
	}
	// The staff refunds, and banks and the provider return money; notices and statements tell of it.
	for i, n := range []int{7, 13, 22, 30, 33, 47, 53, 60, 68, 80} {
		at := time.Duration(n)*day + 3*time.Hour
		add(at, refundMoney, i%4, 0)
		add(at+6*time.Hour, reverseMoney, 0, 0)
		add(at+30*time.Hour, deliverMail, 0, 0)
		add(at+31*time.Hour, work, 0, i%2)
		if i%3 == 2 {
			add(at+40*time.Hour, operate, 0, 0)
		}
	}
	// The staff gives minutes, has another account pay, and imports; one customer leaves.
	for i, n := range []int{4, 15, 24, 38, 49, 62, 70, 81} {
		add(time.Duration(n)*day+5*time.Hour, staffActs, i%4, anyDeed)
	}
	for i, which := range []int{closing, closing, closing, closing, erasing, erasing} {
		add(time.Duration(82+2*i)*day+4*time.Hour, staffActs, 2, which)
	}
	for n := range 4 { // the processes see it at different times
		all = append(all, action{at: 50*day + time.Duration(n%2)*15*time.Hour, kind: changeCatalog, which: n, what: 1})
	}
	slices.SortStableFunc(all, func(a, b action) int { return int(a.at - b.at) })
	return all
}

// addMinutes adds the use of an application's minutes: free minutes, top-ups, automatic ones too, calls with reservations, days of
// usage, also in pay-as-you-go mode, some of which can't be paid at first, and a package that is returned.
func addMinutes(add func(at time.Duration, k kind, app, which int), app int, begun time.Duration) {
	of := len(packageIntents()) + 1
	if app == 3 {
		add(begun+5*time.Hour, makeRequest, app, of+6)
		add(begun+6*time.Hour, makeRequest, app, 1)
	}
	for i, which := range []int{3, 4, 0, 1, 2, 1, 5, 6, 2} { // as in minutesIntents
		at := time.Duration(1+i*3/2)*day + begun
		add(at, makeRequest, app, of+which)
		if i%3 < 2 {
			add(at+2*time.Hour, useMinutes, app, 0)
			add(at+3*time.Hour, repeatRequest, app, 0)
		}
	}
	for _, n := range []int{2, 3, 31, 44} { // automatic top-ups, the last of minutesIntents
		at := time.Duration(n)*day + begun + 4*time.Hour
		add(at, makeRequest, app, of+len(minutesIntents())-1)
		add(at+time.Hour, work, 0, n%2)
	}
}
