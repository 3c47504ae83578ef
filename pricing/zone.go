package pricing

import (
	"fmt"
	"strings"
	"time"
)

// Zone is the calendar that turns instants into days: a named time zone. A day D lasts from its first
// instant up to the first instant of the day after, whatever daylight saving does in between, so that
// days follow each other without gap or overlap. The zero value is UTC.
type Zone struct{ loc *time.Location }

// LoadZone returns the IANA zone of that name, such as "Asia/Shanghai" or "UTC". It fails with
// [ErrZone] for an unknown name. So is one that differs from machine to machine, as "Local" and
// "posixrules" do, or counts leap seconds, and any other spelling of a name, as a path could have.
// Programs that run where there is no zone database can import time/tzdata.
func LoadZone(name string) (Zone, error) {
	if !zoneName(name) {
		return Zone{}, fmt.Errorf("%w: %.64q", ErrZone, name)
	}
	return recordedZone(name)
}

// recordedZone returns the zone of a name that was recorded, maybe before [LoadZone] refused some.
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

// zoneName reports whether a name is spelled as those of the zone database are, and means the same everywhere.
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

// zoneLetters are those of names of zones.
const zoneLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-"

// Name returns the zone's IANA name, such as "Asia/Shanghai".
func (z Zone) Name() string { return z.location().String() }

func (z Zone) location() *time.Location {
	if z.loc == nil {
		return time.UTC
	}
	return z.loc
}

// DateOf returns the day that t falls in.
func (z Zone) DateOf(t time.Time) Date {
	t = t.In(z.location())
	_, offset := t.Zone()
	d := floorDate(t.Unix() + int64(offset))
	// Where the clock was changed around midnight the wall's date can run ahead of the day or fall back
	// behind it; the first instants of the days decide.
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

// StartOf returns the first instant of day d, in UTC. It is 00:00:00 where the day has that time, the
// first of the two where it has it twice, and the end of the gap where daylight saving skips it.
func (z Zone) StartOf(d Date) time.Time {
	wall := int64(d) * secondsPerDay // the wall clock's seconds at 00:00:00
	// The offsets in force a day before and a day after bracket every change that could matter.
	_, before := time.Unix(wall-secondsPerDay, 0).In(z.location()).Zone()
	_, after := time.Unix(wall+secondsPerDay, 0).In(z.location()).Zone()
	first := time.Unix(wall-int64(max(before, after)), 0).In(z.location())
	if before == after {
		return first.UTC()
	}
	// Two offsets give two candidates; the earlier one counts if its own offset is the one it used.
	if _, offset := first.Zone(); offset == max(before, after) {
		return first.UTC()
	}
	second := time.Unix(wall-int64(min(before, after)), 0).In(z.location())
	if _, offset := second.Zone(); offset == min(before, after) {
		return second.UTC()
	}
	// Midnight was skipped: the day begins where the new offset does.
	changed, _ := second.ZoneBounds()
	return changed.UTC()
}
