package pricing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// A day begins at 00:00:00 in the catalog's zone, and daylight saving never changes a number of days. A known mistake:
// a zone or daylight saving shifts a day count or bills a day twice.
// Rule: daylight-saving-changes-no-count.
func TestZoneStartOf(t *testing.T) {
	for _, tt := range []struct {
		zone, day, start string
		minutes          float64
	}{
		{"UTC", "2025-06-16", "2025-06-16T00:00:00Z", 1440},
		{"Asia/Shanghai", "2025-06-16", "2025-06-15T16:00:00Z", 1440},
		{"Asia/Kathmandu", "2025-06-16", "2025-06-15T18:15:00Z", 1440},
		{"America/New_York", "2025-03-09", "2025-03-09T05:00:00Z", 1380},
		{"America/New_York", "2025-03-10", "2025-03-10T04:00:00Z", 1440},
		{"America/New_York", "2025-11-02", "2025-11-02T04:00:00Z", 1500},
		{"America/New_York", "2025-11-03", "2025-11-03T05:00:00Z", 1440},
		{"Australia/Lord_Howe", "2025-04-06", "2025-04-05T13:00:00Z", 1470}, // by half an hour

		// 00:00 becomes 01:00: midnight is skipped. 24:00 becomes 23:00: the day before lasts an hour longer.
		{"America/Sao_Paulo", "2018-11-03", "2018-11-03T03:00:00Z", 1440},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", 1380},
		{"America/Sao_Paulo", "2018-11-05", "2018-11-05T02:00:00Z", 1440},
		{"America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", 1500},
		{"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z", 1440},
		{"Asia/Beirut", "2025-03-30", "2025-03-29T22:00:00Z", 1380},
		{"Asia/Beirut", "2025-03-31", "2025-03-30T21:00:00Z", 1440},
		{"Asia/Beirut", "2025-10-25", "2025-10-24T21:00:00Z", 1500},
		{"Asia/Beirut", "2025-10-26", "2025-10-25T22:00:00Z", 1440},
		{"Africa/Cairo", "2025-04-25", "2025-04-24T22:00:00Z", 1380},
		{"Africa/Cairo", "2025-10-30", "2025-10-29T21:00:00Z", 1500},
		{"Africa/Cairo", "2025-10-31", "2025-10-30T22:00:00Z", 1440},
		// 01:00 becomes 00:00: midnight comes twice, and the first one begins the day.
		{"America/Havana", "2025-03-09", "2025-03-09T05:00:00Z", 1380},
		{"America/Havana", "2025-11-02", "2025-11-02T04:00:00Z", 1500},
		{"America/Havana", "2025-11-03", "2025-11-03T05:00:00Z", 1440},
		// 00:01 becomes 23:01 of the day before: the first minute of the day comes twice, an hour apart.
		{"America/Goose_Bay", "2010-03-14", "2010-03-14T04:00:00Z", 1380},
		{"America/Goose_Bay", "2010-11-06", "2010-11-06T03:00:00Z", 1440},
		{"America/Goose_Bay", "2010-11-07", "2010-11-07T03:00:00Z", 1500},
		{"America/Goose_Bay", "2010-11-08", "2010-11-08T04:00:00Z", 1440},
		// Samoa and Kwajalein crossed the date line: a skipped day contains no instant.
		{"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", 1440},
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", 0},
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", 1440},
		{"Kwajalein", "1993-08-21", "1993-08-21T12:00:00Z", 0},
	} {
		t.Run(tt.zone+" "+tt.day, func(t *testing.T) {
			z, d := zone(t, tt.zone), day(t, tt.day)
			start, end := z.StartOf(d), z.StartOf(d+1)
			equal(t, "StartOf", start.Format(time.RFC3339), tt.start)
			equal(t, "minutes", end.Sub(start).Minutes(), tt.minutes)
			if start.Equal(end) {
				return
			}
			equal(t, "DateOf the first instant", z.DateOf(start), d)
			equal(t, "DateOf the last instant", z.DateOf(end.Add(-1)), d)
		})
	}
}

// If the clock is set back over midnight, it shows the date of the previous day again.
// Rule: daylight-saving-changes-no-count.
func TestZoneDateOfNeverGoesBack(t *testing.T) {
	for _, tt := range []struct{ name, zone, at, want string }{
		{"before the clock is set back", "America/Goose_Bay", "2010-11-07T03:00:30Z", "2010-11-07"},
		{"the wall shows 6 November, 23:30, again", "America/Goose_Bay", "2010-11-07T03:30:00Z", "2010-11-07"},
		{"the wall has caught up", "America/Goose_Bay", "2010-11-07T04:30:00Z", "2010-11-07"},
		{"the hour before the first midnight", "America/Havana", "2025-11-02T03:59:59Z", "2025-11-01"},
		{"the second midnight", "America/Havana", "2025-11-02T05:00:00Z", "2025-11-02"},
		{"the last second before the skipped midnight", "America/Sao_Paulo", "2018-11-04T02:59:59Z", "2018-11-03"},
		{"the second 23:30", "America/Sao_Paulo", "2018-02-18T02:30:00Z", "2018-02-17"},
		{"Alaska repeats a day: 18 October 1867 for the second time", "America/Sitka", "1867-10-19T01:00:00Z", "1867-10-19"},
		{"before any change on record", "America/Goose_Bay", "1800-01-01T12:00:00Z", "1800-01-01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			equal(t, "DateOf", zone(t, tt.zone).DateOf(instant(t, tt.at)).String(), tt.want)
		})
	}
}

// Around every recorded clock change, days have no gaps or overlaps.
// Rule: daylight-saving-changes-no-count.
func TestZoneDaysFollowEachOther(t *testing.T) {
	for _, name := range zones {
		z := zone(t, name)
		loc, err := time.LoadLocation(name)
		wrapped(t, "LoadLocation", err, nil)
		_, change := time.Date(1800, 1, 1, 0, 0, 0, 0, loc).ZoneBounds()
		for ; !change.IsZero() && change.Year() < 2030; _, change = change.ZoneBounds() {
			last := z.DateOf(change.Add(-51 * time.Hour))
			for offset := -50 * time.Hour; offset <= 50*time.Hour; offset += 30 * time.Minute {
				for _, at := range []time.Time{change.Add(offset - time.Second), change.Add(offset)} {
					d := z.DateOf(at)
					if d < last || z.StartOf(d).After(at) || !at.Before(z.StartOf(d+1)) {
						t.Fatalf("%s is on %s, from %s to %s, after %s", at, d, z.StartOf(d), z.StartOf(d+1), last)
					}
					last = d
				}
			}
		}
	}
}

// The day of an instant depends on the catalog's zone, never on the location of the time.Time.
func TestZoneDateOfIgnoresTheLocation(t *testing.T) {
	at := instant(t, "2025-06-16T20:00:00Z")
	for _, loc := range []*time.Location{time.UTC, time.Local, time.FixedZone("", -12*3600)} {
		equal(t, loc.String(), zone(t, "Asia/Shanghai").DateOf(at.In(loc)).String(), "2025-06-17")
		equal(t, loc.String(), zone(t, "America/New_York").DateOf(at.In(loc)).String(), "2025-06-16")
	}
}

// Zones that were recorded but are no longer accepted remain usable.
func TestRecordedZoneGoesOn(t *testing.T) {
	z, err := new(pricing.Catalog).ZoneOf("Asia/./Shanghai")
	if err != nil || z.DateOf(instant(t, "2025-06-16T20:00:00Z")).String() != "2025-06-17" {
		t.Errorf("%v, %v", z, err)
	}
}

func TestLoadZone(t *testing.T) {
	for name, in := range map[string]string{
		"empty": "", "the machine's": "Local", "unknown": "Mars/Olympus", "a path": "../../etc/passwd", "an absolute path": "/etc/localtime",
		"the machine's by another name": "localtime", "the machine's rules": "posixrules", "leap seconds": "right/UTC",
		"another tree": "posix/UTC", "a path to it": "./UTC", "two slashes": "Asia//Shanghai", "a dot within": "Asia/./Shanghai",
		"a slash at the end": "UTC/", "no zone but a file": "zone.tab", "a line break": "UTC\n",
		"an offset": "+08:00", "NUL": "Asia\x00/Shanghai", "long": strings.Repeat("A/", 1<<16),
	} {
		_, err := pricing.LoadZone(in)
		wrapped(t, name, err, pricing.ErrZone)
		if err != nil && len(err.Error()) > 300 {
			t.Errorf("%s: the error repeats its input: %d bytes", name, len(err.Error()))
		}
	}
	equal(t, "Name", zone(t, "Asia/Shanghai").Name(), "Asia/Shanghai")
	equal(t, "Name of the zero value", pricing.Zone{}.Name(), "UTC")
	equal(t, "the zero value", pricing.Zone{}.DateOf(instant(t, "2025-06-16T23:59:59Z")), day(t, "2025-06-16"))
}
