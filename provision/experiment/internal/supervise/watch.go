package supervise

import (
	"time"

	"gclab/gcexp/internal/event"
	"gclab/gcexp/internal/report"
)

// watch is what a trial's process told so far.
type watch struct {
	ready bool
	// runtimeUp is when the process's Go runtime came up, on the monotonic clock.
	runtimeUp int64
	begun     bool
	lastStep  string
	// gaveUp is why a scenario could not go on.
	gaveUp string
}

// lookEvery is how often the process's pipes are looked at. What is told carries its own time.
const lookEvery = 25 * time.Millisecond

// watch looks at the process's pipes until it is gone, and then for the last time.
func (t *trial) watch(p *process, gone <-chan struct{}) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-gone:
			p.report.last(t.told)
			p.stderr.last(t.complained)
			p.stdout.last(t.Tell.Pass)
			return
		case <-ticker.C:
			p.report.drain(t.told)
			p.stderr.drain(t.complained)
			p.stdout.drain(t.Tell.Pass)
			t.queue.Sample(kernel)
		}
	}
}

// told takes a line of the report; what is no message is dropped, since the process under test is not
// trusted with the journal.
func (t *trial) told(line []byte) {
	if m, ok := report.Parse(line); ok {
		t.reported(m)
	}
}

// complained takes a line of stderr. A collection is dated to its begin: its line tells the time since
// the process's runtime came up, to the millisecond.
func (t *trial) complained(line []byte) {
	t.Tell.Pass(line)
	if gc, ok := parseGCTrace(string(line)); ok {
		gc.Head = t.head("gc", t.index)
		if t.seen.ready {
			gc.T = t.Journal.At(t.seen.runtimeUp) + int64(gc.AtMs*1000)
		}
		_ = t.Journal.Write(gc)
	}
}

// reported writes down what the process told, at the time it told it.
func (t *trial) reported(m report.Message) {
	head := event.Head{Type: m.Type, T: t.Journal.At(m.Mono), Trial: t.index}
	switch m.Type {
	case "ready":
		t.seen.ready, t.seen.runtimeUp = true, m.RuntimeUp
		_ = t.Journal.Write(event.Ready{Head: head, Heap: m.Heap, UsageBytes: m.UsageBytes, Go: m.Go, GOGC: m.GOGC, GOMEMLIMIT: m.GOMEMLIMIT, GODEBUG: m.GODEBUG, GOMAXPROCS: m.GOMAXPROCS})
		t.Tell.Say("  ready: %s, GOGC %s, GOMEMLIMIT %s, GODEBUG %s, GOMAXPROCS %d", m.Go, orUnset(m.GOGC), orUnset(m.GOMEMLIMIT), orUnset(m.GODEBUG), m.GOMAXPROCS)
	case "begin":
		t.seen.begun, t.seen.lastStep = true, m.Step
		_ = t.Journal.Write(event.Begin{Head: head, Step: m.Step, Bytes: m.Bytes, Number: m.Number, Key: m.Key})
	case "step":
		_ = t.Journal.Write(event.Step{Head: head, Step: m.Step, Bytes: m.Bytes, Number: m.Number, Heap: m.Heap, UsageBytes: m.UsageBytes})
	case "gave-up":
		t.seen.gaveUp = m.Step
		t.note(t.index, "the scenario gave up: "+m.Step)
	case "heap":
		_ = t.Journal.Write(event.Heap{Head: head, Heap: m.Heap})
	case "listening":
		t.seen.begun = true
		_ = t.Journal.Write(event.Listening{Head: head, Address: m.Address})
		t.Tell.Say("  listening on http://%s: /add?bytes=n /rel?bytes=n /gc /stats /reset, and POST /quit to end", m.Address)
	case "request":
		_ = t.Journal.Write(event.Request{Head: head, Route: m.Route, Bytes: m.Bytes, Key: m.Key, Status: m.Status, DurationUs: m.DurationUs, Heap: m.Heap})
		t.Tell.Say("  %s bytes %d: %d", m.Route, m.Bytes, m.Status)
	}
}

func orUnset(value string) string {
	if value == "" {
		return "unset"
	}
	return value
}
