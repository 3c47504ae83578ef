package pricing

import (
	"fmt"
	"strings"
	"time"
)

// Zone is a named time zone that maps instants to calendar days. A day lasts from its first instant up to the first
// instant of the next day, regardless of daylight saving, so days have no gaps or overlaps. The zero value is UTC.
type Zone struct{ loc *time.Location }

// LoadZone returns the IANA zone with the given name, such as "Asia/Shanghai" or "UTC". It returns [ErrZone] for an
// unknown name, for a name that differs between machines, such as "Local" or "posixrules", for a zone that counts leap
// seconds, and for any other spelling of a name, such as a path. Programs that run without a zone database can import
// time/tzdata.
func LoadZone(name string) (Zone, error) {
	if !zoneName(name) {
		return Zone{}, fmt.Errorf("%w: %.64q", ErrZone, name)
	}
	return recordedZone(name)
}

// recordedZone returns the zone of a recorded name. Earlier versions of [LoadZone] may have accepted names that it no
// longer accepts.
func recordedZone(name string) (Zone, error) {
	if name == "" || name == "Local" || len(name) > 64 {
		return Zone{}, fmt.Errorf("%w: %.64q", ErrZone, name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return Zone{}, fmt.Errorf("%w: %.64q", ErrZone, name)
	}
	return Zone{loc}, nil
}

// zoneName reports whether a name is spelled like those of the zone database and means the same everywhere.
func zoneName(name string) bool {
	switch first, _, _ := strings.Cut(name, "/"); first {
	case "", "Local", "localtime", "posixrules", "posix", "right":
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return !strings.ContainsRune(zoneLetters, r) }) {
			return false
		}
	}
	return true
}

// zoneLetters are the characters allowed in zone names.
const zoneLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-"

// Name returns the zone's IANA name, such as "Asia/Shanghai". To show instants in the zone, load it by that name with
// [time.LoadLocation].
func (z Zone) Name() string { return z.location().String() }

func (z Zone) location() *time.Location {
	if z.loc == nil {
		return time.UTC
	}
	return z.loc
}

// DateOf returns the day that contains t.
func (z Zone) DateOf(t time.Time) Date {
	t = t.In(z.location())
	_, offset := t.Zone()
	d := floorDate(t.Unix() + int64(offset))
	// If the clock changed near midnight, the wall date can be ahead of or behind the day. The first instants of the
	// days decide.
	changed, _ := t.ZoneBounds()
	if changed.IsZero() || t.Sub(changed) > 48*time.Hour {
		return d
	}
	if t.Before(z.StartOf(d)) {
		return d - 1
	}
	if !t.Before(z.StartOf(d + 1)) {
		return d + 1
	}
	return d
}

// StartOf returns the first instant of day d, in UTC. It is 00:00:00 if the day has that time, the first of the two if
// the day has it twice, and the end of the gap if daylight saving skips it.
func (z Zone) StartOf(d Date) time.Time {
	wall := int64(d) * secondsPerDay // wall clock seconds at 00:00:00
	// The offsets one day before and one day after bracket every relevant change.
	_, before := time.Unix(wall-secondsPerDay, 0).In(z.location()).Zone()
	_, after := time.Unix(wall+secondsPerDay, 0).In(z.location()).Zone()
	first := time.Unix(wall-int64(max(before, after)), 0).In(z.location())
	if before == after {
		return first.UTC()
	}
	// The two offsets give two candidates. The earlier one is valid if its own offset is the one used to compute it.
	if _, offset := first.Zone(); offset == max(before, after) {
		return first.UTC()
	}
	second := time.Unix(wall-int64(min(before, after)), 0).In(z.location())
	if _, offset := second.Zone(); offset == min(before, after) {
		return second.UTC()
	}
	// Midnight was skipped: the day begins when the new offset takes effect.
	changed, _ := second.ZoneBounds()
	return changed.UTC()
}
