// Package steps is the language of what is done to a heap, as a configuration carries it: words and bounds, nothing
// that does anything. The controller's bounds are the same (test/fixtures/contract/steps.json).
package steps

import "fmt"

// Program is a scenario as the configuration carries it (docs/wire.md). Sizes are bytes already.
type Program struct {
	Name  string `json:"name"`
	Steps []Step `json:"steps"`
}

// Step is one step. Which fields count depends on Do.
type Step struct {
	Do        string     `json:"do"`
	Amount    *Amount    `json:"amount,omitempty"`
	Of        *Amount    `json:"of,omitempty"`
	Ms        int64      `json:"ms,omitempty"`
	Condition *Condition `json:"condition,omitempty"`
	WithinMs  int64      `json:"withinMs,omitempty"`
	Times     int64      `json:"times,omitempty"`
	Steps     []Step     `json:"steps,omitempty"`
}

// Amount is so many bytes.
type Amount struct {
	Bytes int64 `json:"bytes"`
}

// Condition is what `until` waits for: a figure of the heap, or what the cgroup is charged for.
type Condition struct {
	Metric string `json:"metric"`
	Is     string `json:"is"`
	Than   Amount `json:"than"`
}

// Metrics are the figures that a condition can name: of the heap, and what the cgroup is charged for.
var Metrics = []string{"heapAlloc", "heapInUse", "heapIdle", "heapReleased", "heapGoal", "sys", "usage", "numGC"}

// Comparisons are what a condition can ask of a figure.
var Comparisons = []string{"<", "<=", ">", ">=", "=="}

// Bounds of what is written and done.
const (
	MaxWritten = 500
	MaxDone    = 1000000
	MaxDepth   = 9
	MaxBytes   = int64(1) << 50
	MaxMs      = int64(24 * 3600 * 1000)
)

// Check refuses what cannot be done, or would never end.
func (p *Program) Check() error {
	if len(p.Steps) == 0 {
		return fmt.Errorf("a scenario without steps")
	}
	written, done, err := check(p.Steps, 0)
	switch {
	case err != nil:
		return err
	case written > MaxWritten:
		return fmt.Errorf("%d steps are written, at most %d may be", written, MaxWritten)
	case done > MaxDone:
		return fmt.Errorf("more than %d steps would be done", MaxDone)
	}
	return nil
}

func check(steps []Step, depth int) (written, done int64, err error) {
	if depth > MaxDepth {
		return 0, 0, fmt.Errorf("more than %d repeats inside each other", MaxDepth)
	}
	for _, s := range steps {
		if err := s.check(); err != nil {
			return 0, 0, err
		}
		inner, times := int64(1), int64(1)
		if s.Do == "repeat" {
			var below int64
			if below, inner, err = check(s.Steps, depth+1); err != nil {
				return 0, 0, err
			}
			written, times = written+below, s.Times
		}
		written++
		if done += inner * times; done > MaxDone {
			done = MaxDone + 1
		}
	}
	return written, done, nil
}

func (s Step) check() error {
	switch s.Do {
	case "add":
		if s.Of != nil && !s.Of.isSize() {
			return fmt.Errorf("add: objects of %d bytes", s.Of.Bytes)
		}
		return s.checkAmount()
	case "rel", "cache":
		return s.checkAmount()
	case "gc", "stats", "reset":
		return nil
	case "wait":
		return checkMs("wait", s.Ms)
	case "until":
		if s.Condition == nil {
			return fmt.Errorf("until: no condition")
		}
		if err := s.Condition.check(); err != nil {
			return err
		}
		return checkMs("until", s.WithinMs)
	case "repeat":
		if s.Times < 1 || s.Times > MaxDone || len(s.Steps) == 0 {
			return fmt.Errorf("repeat: %d times %d steps", s.Times, len(s.Steps))
		}
		return nil
	}
	return fmt.Errorf("%.40q is no step", s.Do)
}

func (s Step) checkAmount() error {
	if s.Amount == nil || !s.Amount.isSize() {
		return fmt.Errorf("%s: no size, or none that can be", s.Do)
	}
	return nil
}

func (a Amount) isSize() bool { return a.Bytes > 0 && a.Bytes <= MaxBytes }

func checkMs(what string, ms int64) error {
	if ms < 0 || ms > MaxMs {
		return fmt.Errorf("%s: %d ms is not between 0 and %d", what, ms, MaxMs)
	}
	return nil
}

func (c Condition) check() error {
	switch {
	case !contains(Metrics, c.Metric):
		return fmt.Errorf("until: there is no figure %.40q", c.Metric)
	case !contains(Comparisons, c.Is):
		return fmt.Errorf("until: %.40q is no comparison", c.Is)
	case c.Than.Bytes < 0 || c.Than.Bytes > MaxBytes:
		return fmt.Errorf("until: compared with %d", c.Than.Bytes)
	}
	return nil
}

func contains(words []string, wanted string) bool {
	for _, word := range words {
		if word == wanted {
			return true
		}
	}
	return false
}
