package modeltest_test

import (
	"testing"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/storetest/modeltest"
)

func TestMemory(t *testing.T) {
	modeltest.Run(t, func(*testing.T) store.Store { return memory.New() })
}
