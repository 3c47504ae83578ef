package storeid_test

import (
	"regexp"
	"testing"

	"github.com/prepaidkit/prepaid/internal/storeid"
)

// Stores that share a gateway never use the same key, since each has its own identity.
func TestNew(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{16}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := storeid.New()
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("New() = %q, seen %v", id, seen[id])
		}
		seen[id] = true
	}
}
