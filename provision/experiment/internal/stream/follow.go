package stream

import (
	"bytes"
	"encoding/json"
	"time"

	"gclab/gcexp/internal/fault"
	"gclab/gcexp/internal/runfolder"
)

// Offsets is how much of each file the reader has already.
type Offsets struct{ Journal, Log, Kernel int64 }

// aliveEvery is how long the stream may be silent.
const aliveEvery = time.Second

// gather is how long changes are collected before they are sent: a follower that wakes for every line
// would take processor time from the trials.
const gather = 10 * time.Millisecond

// Follow sends what the supervisor has written and writes, until the run has ended or quit is closed.
// The last frame is `end` or `error`; the fault of the latter is returned as well.
func Follow(frames *Frames, folder runfolder.Folder, from Offsets, quit <-chan struct{}) error {
	changed, stop := watch(string(folder))
	defer stop()
	gone := make(chan error, 1)
	go func() { gone <- folder.WaitGone() }()
	tails := []*tail{
		{kind: "journal", path: folder.Journal(), offset: from.Journal},
		{kind: "log", path: folder.Log(), offset: from.Log},
		{kind: "kernel", path: folder.Kernel(), offset: from.Kernel},
	}
	for {
		sent, err := pumpAll(frames, tails)
		if err != nil {
			return err
		}
		if sent {
			if over := pause(gather, gone); over {
				return finish(frames, folder, tails)
			}
			continue
		}
		select {
		case <-gone:
			return finish(frames, folder, tails)
		case <-quit:
			return nil
		case <-changed:
		case <-time.After(aliveEvery):
			if err := frames.Alive(); err != nil {
				return err
			}
		}
	}
}

func pause(long time.Duration, gone <-chan error) (over bool) {
	select {
	case <-gone:
		return true
	case <-time.After(long):
		return false
	}
}

func pumpAll(frames *Frames, tails []*tail) (sent bool, err error) {
	for _, t := range tails {
		more, err := t.pump(frames)
		if err != nil {
			return sent, fault.Wrap("failed", "reading "+t.path, err, "")
		}
		sent = sent || more
	}
	return sent, nil
}

// finish sends what is left once the supervisor is gone, and the last frame.
func finish(frames *Frames, folder runfolder.Folder, tails []*tail) error {
	if _, err := pumpAll(frames, tails); err != nil {
		return err
	}
	why := ending(folder)
	if why == nil {
		return frames.End()
	}
	if err := frames.Error(why); err != nil {
		return err
	}
	return why
}

// ending is what went wrong with a run whose supervisor is gone; nil if nothing did.
func ending(folder runfolder.Folder) *fault.Fault {
	if said := folder.ReadFailure(); said != "" {
		why := &fault.Fault{}
		if json.Unmarshal([]byte(said), why) == nil && why.Code != "" {
			return why
		}
	}
	last, err := lastLine(folder.Journal())
	var end struct {
		Type  string
		Error *fault.Fault
	}
	if err == nil && json.Unmarshal(bytes.TrimSpace(last), &end) == nil && end.Type == "end" {
		return end.Error
	}
	if wrote, now := bootOf(folder.Journal()), thisBoot(); wrote != "" && now != "" && wrote != now {
		return fault.New("guest-rebooted", "the guest was rebooted while the run was under way: its journal was written in boot "+wrote+", this is boot "+now,
			"what the run had written before was sent; start it again")
	}
	return fault.New("supervisor-died", "the run's supervisor is gone and its journal has no end: it was killed", "what it had written was sent; gcexp clean removes what it left")
}
