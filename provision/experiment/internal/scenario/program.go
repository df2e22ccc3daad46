// Package scenario does a list of steps to the heap of this process: the interactive mode's commands,
// without anybody who sends them. The guest owns the run, so the steps are done and timed here.
package scenario

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

// Bounds of what is done. The controller has the same (src/experiment/steps/budget.ts).
const (
	maxWritten = 500
	maxDone    = 1000000
	maxDepth   = 9
	maxBytes   = int64(1) << 60
	maxMs      = int64(24 * 3600 * 1000)
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
	case written > maxWritten:
		return fmt.Errorf("%d steps are written, at most %d may be", written, maxWritten)
	case done > maxDone:
		return fmt.Errorf("more than %d steps would be done", maxDone)
	}
	return nil
}

func check(steps []Step, depth int) (written, done int64, err error) {
	if depth > maxDepth {
		return 0, 0, fmt.Errorf("more than %d repeats inside each other", maxDepth)
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
		if done += inner * times; done > maxDone {
			done = maxDone + 1
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
		if s.Times < 1 || s.Times > maxDone || len(s.Steps) == 0 {
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

func (a Amount) isSize() bool { return a.Bytes > 0 && a.Bytes <= maxBytes }

func checkMs(what string, ms int64) error {
	if ms < 0 || ms > maxMs {
		return fmt.Errorf("%s: %d ms is not between 0 and %d", what, ms, maxMs)
	}
	return nil
}
