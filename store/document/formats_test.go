package document_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// tree returns the document that has every member of a format.
func tree(t *testing.T, directory string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(goldenName(directory, "every_field"))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var members map[string]any
	if err := d.Decode(&members); err != nil {
		t.Fatal(err)
	}
	return members
}

// foreign calls add for each member that an object in one document has and the same object in another lacks: it inserts
// the member there, and remove deletes it again.
func foreign(path string, has, lacks any, add func(path string, remove func())) {
	switch has := has.(type) {
	case map[string]any:
		lacks, ok := lacks.(map[string]any)
		if !ok {
			return
		}
		for name, value := range has {
			if _, known := lacks[name]; known {
				foreign(path+"."+name, value, lacks[name], add)
				continue
			}
			lacks[name] = value
			add(path+"."+name, func() { delete(lacks, name) })
		}
	case []any:
		if lacks, ok := lacks.([]any); ok && len(has) > 0 && len(lacks) > 0 {
			foreign(path, has[0], lacks[0], add)
		}
	}
}

// A document has the members of its own format: none that a later format added, and none that only an earlier one had.
func TestFormatsHaveTheirOwnMembers(t *testing.T) {
	for _, tt := range []struct {
		name       string
		has, lacks string
		least      int // members
		among      string
	}{
		{"members of format 2 in format 1", "format2_0.1.0", "format1", 38, ".orders.deliveries.raise.was .as_of .refunds .free.anchor.passed .subscriptions.cycles.days"},
		{"members of format 1 in format 2", "format1", "format2_0.1.0", 1, ".lots.expired"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			has, lacks := tree(t, tt.has), tree(t, tt.lacks)
			decode(t, plainJSON(t, lacks))
			seen := map[string]bool{}
			foreign("", has, lacks, func(path string, remove func()) {
				seen[path] = true
				a, err := document.Decode(plainJSON(t, lacks))
				if err == nil || !strings.Contains(err.Error(), "unknown member") {
					t.Errorf("%s: decoded as %+v, %v", path, a, err)
				}
				remove()
			})
			for path := range strings.FieldsSeq(tt.among) {
				if !seen[path] {
					t.Errorf("%s isn't a member of only one format", path)
				}
			}
			if len(seen) < tt.least {
				t.Errorf("only %d members", len(seen))
			}
		})
	}
}

// A lot of which something has expired, which no command of this module left in a document, is read as what is left of it,
// and adds up.
func TestWhatLeftALotIsNoPartOfIt(t *testing.T) {
	for name, tt := range map[string]struct {
		format  int
		members string
		want    subscription.Lot
	}{
		"expired":  {1, `"granted":9,"remaining":0,"consumed":6,"expired":3`, subscription.Lot{Granted: 6, Consumed: 6}},
		"refunded": {1, `"refunded":2,"granted":9,"remaining":7`, subscription.Lot{Granted: 9, Remaining: 7, Refunded: 2}},
		"refunded, format 2": {2, `"granted":9,"remaining":4,"reserved":3,"refunded":2`, subscription.Lot{
			Granted: 9, Remaining: 4, Reserved: 3, Refunded: 2,
		}},
		"both":                 {1, `"granted":9,"remaining":4,"expired":3,"refunded":2`, subscription.Lot{Granted: 6, Remaining: 4, Refunded: 2}},
		"nothing, and said so": {2, `"granted":9,"remaining":9,"refunded":0`, subscription.Lot{Granted: 9, Remaining: 9}},
	} {
		t.Run(name, func(t *testing.T) {
			a := decode(t, fmt.Appendf(nil, `{"format":%d,"id":"a","account":"","revision":1,"created_at":"2025-06-16T00:00:00Z","lots":[{"id":1,`+
				`"source":"","products":[],"period":{"start":"0001-01-01T00:00:00Z","end":"0001-01-01T00:00:00Z","zone":""},`+
				`"granted_at":"0001-01-01T00:00:00Z",%s}]}`, tt.format, tt.members))
			tt.want.ID = 1
			equal(t, "lots", a.Lots, []subscription.Lot{tt.want})
		})
	}
}
