// Package journal writes the append-only record of a run: one JSON object a line, each line one write,
// so that a crash of anything loses at most the last line.
package journal

import (
	"bytes"
	"encoding/json"
	"os"
	"strconv"
	"sync"

	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/mono"
)

// Journal is the one writer of a run. It is safe for concurrent use. The zero of its clock is when it
// was opened. After an error every further write gives the same error.
type Journal struct {
	mutex sync.Mutex
	file  *os.File
	base  int64
	err   error
	// left is how many bytes may still be written.
	left  int64
	dirty chan struct{}
	idle  chan struct{}
}

// MaxBytes is what a run's journal may have: an hour of samples at 10 kHz is 0.7 GB. The controller takes no more
// either (test/fixtures/contract/bounds.json).
const MaxBytes = 1 << 30

// Open makes a new journal; an empty path makes one that keeps nothing.
func Open(path string) (*Journal, error) {
	j := &Journal{base: mono.Now(), left: MaxBytes}
	if path == "" {
		return j, nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0600)
	if err != nil {
		return nil, fault.Wrap("failed", "making the journal", err, "name a file that is not there yet, in a folder that can be written")
	}
	j.file, j.dirty, j.idle = file, make(chan struct{}, 1), make(chan struct{})
	go j.sync()
	return j, nil
}

// At is a moment of the monotonic clock (nanoseconds) as a `t` of this journal.
func (j *Journal) At(now int64) int64 { return mono.Micros(j.base, now) }

// Now is the present `t`.
func (j *Journal) Now() int64 { return j.At(mono.Now()) }

// Write appends one event.
func (j *Journal) Write(event interface{}) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(event); err != nil {
		return err
	}
	return j.append(line.Bytes())
}

// WriteSamples appends a batch of samples: at in `t`, usage in bytes. It is hot, so it does not reflect.
func (j *Journal) WriteSamples(trial int, at, usage []int64) error {
	if len(at) == 0 {
		return nil
	}
	line := append(make([]byte, 0, 64+20*len(at)), `{"type":"samples","t":`...)
	line = strconv.AppendInt(line, at[len(at)-1], 10)
	line = append(line, `,"trial":`...)
	line = strconv.AppendInt(line, int64(trial), 10)
	line = append(appendList(append(line, `,"at":`...), at), `,"usage":`...)
	line = append(appendList(line, usage), '}', '\n')
	return j.append(line)
}

func appendList(line []byte, numbers []int64) []byte {
	for i, n := range numbers {
		if i == 0 {
			line = append(line, '[')
		} else {
			line = append(line, ',')
		}
		line = strconv.AppendInt(line, n, 10)
	}
	return append(line, ']')
}

func (j *Journal) append(line []byte) error {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if j.err != nil || j.file == nil {
		return j.err
	}
	if j.left -= int64(len(line)); j.left < 0 {
		j.err = fault.New("journal-too-large", "the journal has reached the 1 GiB that a run may write", "take fewer samples (--sample-hz), fewer trials, or a shorter run")
		return j.err
	}
	n, err := j.file.Write(line)
	if err != nil {
		// A disk that fills up may have taken part of the line.
		if n > 0 {
			_ = j.cut(int64(n))
		}
		j.err = fault.Wrap("failed", "writing the journal", err, "")
	}
	return j.err
}

func (j *Journal) cut(written int64) error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	return j.file.Truncate(info.Size() - written)
}

// Err is the error of an earlier write.
func (j *Journal) Err() error {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return j.err
}

// Flush asks for what is written to reach the disk, and does not wait: a crash of the guest itself
// then loses little, and the next trial does not start later for it.
func (j *Journal) Flush() {
	if j.file == nil {
		return
	}
	select {
	case j.dirty <- struct{}{}:
	default:
	}
}

func (j *Journal) sync() {
	defer close(j.idle)
	for range j.dirty {
		_ = j.file.Sync()
	}
}

// Close waits until everything is on the disk.
func (j *Journal) Close() error {
	if j.file == nil {
		return nil
	}
	close(j.dirty)
	<-j.idle
	_ = j.file.Sync()
	return j.file.Close()
}
