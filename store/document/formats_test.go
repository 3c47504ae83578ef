package document_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

// tree returns a document that has every member of a format.
func tree(t *testing.T, format int) map[string]any {
	t.Helper()
	b, err := os.ReadFile(goldenName(format, "every_field"))
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
		has, lacks int
		least      int // members
		among      string
	}{
		{"members of format 2 in format 1", 2, 1, 38, ".orders.deliveries.raise.was .as_of .refunds .free.anchor.passed .subscriptions.cycles.days"},
		{"members of format 1 in format 2", 1, 2, 1, ".lots.expired"},
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

// A lot is dropped when its remaining minutes expire: a document never has a lot with expired minutes.
func TestExpiredLotIsRefused(t *testing.T) {
	for _, expired := range []subscription.Quantity{1, -1} {
		a := subscription.Application{ID: "a", Lots: []subscription.Lot{{ID: 7}, {ID: 8, Expired: expired}}}
		if b, err := document.Append([]byte("kept"), &a); !errors.Is(err, subscription.ErrInvalid) || string(b) != "kept" {
			t.Errorf("Append = %q, %v", b, err)
		}
	}
	a := decode(t, []byte(`{"format":1,"id":"a","account":"","revision":1,"created_at":"2025-06-16T00:00:00Z","lots":[{"id":1,"source":"",`+
		`"products":[],"period":{"start":"2025-06-16T00:00:00Z","end":"2025-06-16T00:00:00Z","zone":""},`+
		`"granted_at":"2025-06-16T00:00:00Z","granted":3,"remaining":0,"expired":3}]}`))
	if got := a.Lots[0].Expired; got != 3 {
		t.Errorf("%s expired in a lot of format 1, want 0.003", got)
	}
}
