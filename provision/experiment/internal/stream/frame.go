// Package stream carries a run's files to the controller as they grow.
package stream

import (
	"encoding/json"
	"fmt"
	"io"

	"gclab/gcexp/internal/fault"
)

// Frames writes the frames of docs/wire.md.
type Frames struct{ out io.Writer }

// NewFrames writes the line that tells frames from a login shell's noise.
func NewFrames(out io.Writer) (*Frames, error) {
	_, err := io.WriteString(out, "gcexp-stream 1\n")
	return &Frames{out}, err
}

func (f *Frames) send(kind string, offset int64, body []byte) error {
	frame := append([]byte(fmt.Sprintf("%s %d %d\n", kind, offset, len(body))), body...)
	_, err := f.out.Write(frame)
	return err
}

// Alive says that there is nothing new and the supervisor lives.
func (f *Frames) Alive() error { return f.send("alive", 0, nil) }

// End says that everything was sent.
func (f *Frames) End() error { return f.send("end", 0, nil) }

// Error says why it cannot go on.
func (f *Frames) Error(why *fault.Fault) error {
	body, err := json.Marshal(why)
	if err != nil {
		return err
	}
	return f.send("error", 0, body)
}
