package clone_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/internal/clone"
)

func TestPointer(t *testing.T) {
	if p := clone.Pointer[int](nil); p != nil {
		t.Errorf("nil is copied to %v", p)
	}
	v := 1
	p := clone.Pointer(&v)
	if *p = 2; v != 1 || p == &v {
		t.Errorf("the copy is shared: %d", v)
	}
}
