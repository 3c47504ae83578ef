package pricing

// Overrun says what becomes of a usage record that needs more minutes than are left, in prepaid mode.
type Overrun string

// What a record can do.
const (
	// OverrunRefuse refuses the record whole. It is the default.
	OverrunRefuse Overrun = "refuse"
	// OverrunTake takes what is left, and forgives the rest for good.
	OverrunTake Overrun = "take"
)

// Overrun returns what becomes of a record that needs more minutes than are left, [OverrunRefuse] by default.
func (c *Catalog) Overrun() Overrun {
	if o := c.orEmpty().usage.overrun; o != "" {
		return o
	}
	return OverrunRefuse
}

func readOverrun(n node) Overrun {
	if !n.present() {
		return OverrunRefuse
	}
	text, ok := n.text()
	if o := Overrun(text); !ok || o == OverrunRefuse || o == OverrunTake {
		return o
	}
	n.problemf("is %.32q, want \"refuse\" or \"take\"", text)
	return OverrunRefuse
}
