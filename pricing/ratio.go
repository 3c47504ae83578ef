package pricing

import (
	"fmt"
	"strconv"
)

// Ratio is an exact, non-negative fraction such as 16/31. It is not reduced, so it can be displayed as it was counted:
// 15/30 stays 15/30. The zero value is invalid.
type Ratio struct {
	Num int64 `json:"num"` // ≥ 0
	Den int64 `json:"den"` // > 0
}

// Validate returns [ErrRatio] unless Num ≥ 0 and Den > 0.
func (r Ratio) Validate() error {
	if r.Num < 0 || r.Den <= 0 {
		return fmt.Errorf("%w: %s", ErrRatio, r)
	}
	return nil
}

// Floor returns n × r for n ≥ 0, rounded down, because fractions of a minute are never granted. It returns [ErrRatio],
// [ErrNegative] or [ErrOverflow].
func (r Ratio) Floor(n int64) (int64, error) {
	if err := r.Validate(); err != nil {
		return 0, err
	}
	if n < 0 {
		return 0, fmt.Errorf("%w: %d × %s", ErrNegative, n, r)
	}
	v, ok := mulDiv(uint64(n), uint64(r.Num), uint64(r.Den))
	if !ok {
		return 0, fmt.Errorf("%w: %d × %s", ErrOverflow, n, r)
	}
	return v.whole, nil
}

// Cmp compares r and s exactly. Both must be valid.
func (r Ratio) Cmp(s Ratio) int {
	return exact{rem: uint64(r.Num), den: uint64(r.Den)}.fractionCmp(exact{rem: uint64(s.Num), den: uint64(s.Den)})
}

// String returns "16/31", or "3" if the denominator is one.
func (r Ratio) String() string {
	if r.Den == 1 {
		return strconv.FormatInt(r.Num, 10)
	}
	return strconv.FormatInt(r.Num, 10) + "/" + strconv.FormatInt(r.Den, 10)
}
