// Package narrate tells in plain lines what an experiment does, for a person and for experiment.log.
package narrate

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// maxBytes bounds the log: what a process under test prints is not ours to trust.
const maxBytes = 16 << 20

// Narrator writes whole lines. It is safe for concurrent use and keeps the first error.
type Narrator struct {
	mutex   sync.Mutex
	out     io.Writer
	written int
	err     error
}

// New makes one that writes to out.
func New(out io.Writer) *Narrator { return &Narrator{out: out} }

// Say writes one line of the supervisor's.
func (n *Narrator) Say(format string, values ...interface{}) {
	n.line([]byte(fmt.Sprintf(format, values...)))
}

// Pass writes one line that the process itself printed.
func (n *Narrator) Pass(line []byte) { n.line(append([]byte("  | "), bytes.TrimRight(line, "\n")...)) }

func (n *Narrator) line(line []byte) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.written > maxBytes {
		return
	}
	n.written += len(line) + 1
	if n.written > maxBytes {
		line = []byte("… the rest is left out: more than 16 MiB")
	}
	if _, err := n.out.Write(append(line, '\n')); err != nil && n.err == nil {
		n.err = err
	}
}

// Err is the first error of a write.
func (n *Narrator) Err() error {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.err
}
