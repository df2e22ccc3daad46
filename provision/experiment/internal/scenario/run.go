// Package scenario does a list of steps to the heap of this process: the interactive mode's requests, without anybody
// who sends them. The guest owns the run, so the steps are done and timed here.
package scenario

import (
	"fmt"
	"runtime"
	"time"

	"gclab/gcexp/internal/heap"
	"gclab/gcexp/internal/steps"
	"gclab/gcexp/internal/store"
)

// Teller is told of every step, twice: before it and, unless it was the last thing done, after it.
type Teller interface {
	BeginNumbered(step string, bytes int64, number int)
	StepNumbered(step string, bytes int64, number int)
	GaveUp(why string)
}

// Runner does a program's steps.
type Runner struct {
	Store *store.Store
	// Cache writes and reads a file of so many bytes.
	Cache func(bytes int64) error
	// Usage is what the cgroup is charged with.
	Usage func() (bytes int64, known bool)
	Tell  Teller

	heap *heap.Reader
}

// Run does the steps, which must have been checked, one after another. An error is a step that could not be done, or a condition
// that was not met in time: the trial then shows nothing.
func (r *Runner) Run(list []steps.Step) error {
	r.heap = heap.NewReader()
	for i, s := range list {
		if err := r.do(s, i+1); err != nil {
			r.Tell.GaveUp(err.Error())
			return err
		}
	}
	return nil
}

// do does a step. number is that of the step as it stands in the scenario's list: all that a repeat
// does carries the number of the repeat.
func (r *Runner) do(s steps.Step, number int) error {
	if s.Do == "repeat" {
		for pass := int64(0); pass < s.Times; pass++ {
			for _, inner := range s.Steps {
				if err := r.do(inner, number); err != nil {
					return err
				}
			}
		}
		return nil
	}
	bytes := int64(0)
	if s.Amount != nil {
		bytes = s.Amount.Bytes
	}
	r.Tell.BeginNumbered(s.Do, bytes, number)
	if err := r.plain(s, number); err != nil {
		return err
	}
	r.Tell.StepNumbered(s.Do, bytes, number)
	return nil
}

func (r *Runner) plain(s steps.Step, number int) error {
	switch s.Do {
	case "add":
		if s.Of != nil {
			r.Store.AddObjects(s.Amount.Bytes, s.Of.Bytes)
		} else {
			r.Store.Add(s.Amount.Bytes)
		}
	case "rel":
		r.Store.Release(s.Amount.Bytes)
	case "reset":
		r.Store.Reset()
		runtime.GC()
	case "gc":
		runtime.GC()
	case "wait":
		time.Sleep(time.Duration(s.Ms) * time.Millisecond)
	case "cache":
		if err := r.Cache(s.Amount.Bytes); err != nil {
			return fmt.Errorf("step %d: filling the page cache: %v", number, err)
		}
	case "until":
		return r.until(s, number)
	}
	return nil
}

// lookEvery is how often a condition is looked at; reading the figures is cheap and makes no garbage.
const lookEvery = 2 * time.Millisecond

func (r *Runner) until(s steps.Step, number int) error {
	deadline := time.Now().Add(time.Duration(s.WithinMs) * time.Millisecond)
	for {
		now := r.figures()
		if now.meet(*s.Condition) {
			return nil
		}
		if !time.Now().Before(deadline) {
			return fmt.Errorf("step %d: %s %s %d was not so within %d ms: it was %d",
				number, s.Condition.Metric, s.Condition.Is, s.Condition.Than.Bytes, s.WithinMs, now.of(s.Condition.Metric))
		}
		time.Sleep(lookEvery)
	}
}

func (r *Runner) figures() figures {
	f := figures{heap: r.heap.Read()}
	f.usage, _ = r.Usage()
	return f
}
