// Package supervise runs trials from outside their cgroups: it starts them, watches them, and writes down what it sees.
package supervise

import "sync"

// Stop carries the wish to end a run, and why: `stopped`, `timeout` or `failed`.
type Stop struct {
	once   sync.Once
	done   chan struct{}
	reason string
	err    error
}

// NewStop makes one that nobody asked for yet.
func NewStop() *Stop { return &Stop{done: make(chan struct{})} }

// Ask asks for the end. Only the first reason counts.
func (s *Stop) Ask(reason string, err error) {
	s.once.Do(func() {
		s.reason, s.err = reason, err
		close(s.done)
	})
}

// Done is closed once the end was asked for.
func (s *Stop) Done() <-chan struct{} { return s.done }

// Asked tells whether it was, and why.
func (s *Stop) Asked() (reason string, err error, asked bool) {
	select {
	case <-s.done:
		return s.reason, s.err, true
	default:
		return "", nil, false
	}
}

// Guard runs f in a goroutine; a panic there ends the run, with its cgroups removed, not the process.
func (s *Stop) Guard(f func()) {
	go func() {
		defer s.recover()
		f()
	}()
}

func (s *Stop) recover() {
	if r := recover(); r != nil {
		s.Ask("failed", panicked(r))
	}
}
