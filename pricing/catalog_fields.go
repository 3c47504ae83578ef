package pricing

import (
	"time"

	"github.com/prepaidkit/prepaid/internal/ident"
)

func readTrial(n node) Trial {
	if !n.present() || !n.object() {
		return Trial{}
	}
	t := Trial{
		PerApplication: int(n.get("per_application").count(1, 1000, 1)),
		PerAccount:     int(n.get("per_account").count(1, 1_000_000, 0)),
	}
	n.done()
	return t
}

func readAgreement(n node) Agreement {
	if !n.present() || !n.object() {
		return Agreement{}
	}
	a := Agreement{Version: readID[string](n.get("version"))}
	for _, d := range n.get("documents").items() {
		if !d.object() {
			continue
		}
		var doc Document
		doc.Name, doc.URL = d.get("name").label(), d.get("url").label()
		a.Documents = append(a.Documents, doc)
		d.done()
	}
	n.done()
	return a
}

func readService(n node) ServiceTerms {
	s := ServiceTerms{
		Grace: 24 * time.Hour, Retention: 60 * 24 * time.Hour, LateUsage: 24 * time.Hour, Arrears: 24 * time.Hour,
		Pending: DefaultPending,
	}
	if !n.present() || !n.object() {
		return s
	}
	s.Grace = time.Duration(n.get("grace_hours").count(0, maxHours, 24)) * time.Hour
	s.Retention = time.Duration(n.get("retention_days").count(0, maxHours/24, 60)) * 24 * time.Hour
	s.LateUsage = time.Duration(n.get("late_usage_hours").count(0, maxHours, 24)) * time.Hour
	s.RefundDays = int(n.get("refund_days").count(0, 366, 0))
	s.Arrears = time.Duration(n.get("arrears_hours").count(0, maxHours, 24)) * time.Hour
	switch reversal, ok := n.get("reversal").text(); {
	case !ok || !n.get("reversal").present() || reversal == "take":
	case reversal == "keep":
		s.KeepReversed = true
	default:
		n.get("reversal").problemf("is %.32q, want \"take\" or \"keep\"", reversal)
	}
	s.Pending = time.Duration(n.get("pending_hours").count(1, maxPending, int64(DefaultPending/time.Hour))) * time.Hour
	n.done()
	return s
}

// readID returns "" if the value is not a valid identifier.
func readID[S ~string](n node) S {
	text, ok := n.text()
	if !ok {
		return ""
	}
	if err := ident.Check(text); err != nil {
		n.problemf("%v", err)
		return ""
	}
	return S(text)
}

func readZone(n node) Zone {
	name, ok := n.text()
	if !ok {
		return Zone{}
	}
	z, err := LoadZone(name)
	if err != nil {
		n.problemf("unknown zone %.64q", name)
	}
	return z
}

// readDate reads the start or end date of an offer. The zero value means unbounded.
func readDate(n node) Date {
	text, ok := n.text()
	if !ok || !n.present() {
		return 0
	}
	d, err := ParseDate(text)
	switch {
	case err != nil:
		n.problemf("%v", err)
	case d <= 0:
		n.problemf("is before 1970-01-02")
	}
	return d
}

// readChoice reads a value of a string type that has a fixed set of constants.
func readChoice[S interface {
	~string
	Validate() error
}](n node, absent S) S {
	text, ok := n.text()
	if !ok || !n.present() {
		return absent
	}
	if err := S(text).Validate(); err != nil || text == "" {
		n.problemf("%.32q is not a valid choice", text)
	}
	return S(text)
}
