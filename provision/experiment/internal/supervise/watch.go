package supervise

import (
	"bufio"
	"io"

	"gclab/gcexp/internal/journal"
	"gclab/gcexp/internal/narrate"
	"gclab/gcexp/internal/report"
)

// watch is what a trial's process told so far.
type watch struct {
	ready    bool
	begun    bool
	lastStep string
}

// watch reads the process's pipes until they end, which is when the process is gone.
func (t *trial) watch(p *process) {
	p.readers.Add(3)
	t.Stop.Guard(func() {
		defer p.readers.Done()
		report.Read(p.report, t.reported)
	})
	t.Stop.Guard(func() {
		defer p.readers.Done()
		eachLine(p.stderr, t.complained)
	})
	t.Stop.Guard(func() {
		defer p.readers.Done()
		eachLine(p.stdout, t.Tell.Pass)
	})
}

// eachLine hands over lines, and pieces of what never ends a line.
func eachLine(from io.Reader, handle func(line []byte)) {
	lines := bufio.NewReaderSize(from, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 {
			handle(line)
		}
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
	}
}

func (t *trial) complained(line []byte) {
	t.Tell.Pass(line)
	if event, ok := parseGCTrace(string(line)); ok {
		event.Head = t.head("gc", t.index)
		_ = t.Journal.Write(event)
	}
}

// reported writes down what the process told, at the time it told it.
func (t *trial) reported(m report.Message) {
	head := journal.Head{Type: m.Type, T: t.Journal.At(m.Mono), Trial: t.index}
	switch m.Type {
	case "ready":
		t.seen.ready = true
		_ = t.Journal.Write(journal.Ready{Head: head, Heap: m.Heap, UsageBytes: m.UsageBytes, Go: m.Go, GOGC: m.GOGC, GOMEMLIMIT: m.GOMEMLIMIT, GODEBUG: m.GODEBUG, GOMAXPROCS: m.GOMAXPROCS})
		t.Tell.Say("  ready: %s, GOGC %s, GOMEMLIMIT %s, GODEBUG %s, GOMAXPROCS %d", m.Go, orUnset(m.GOGC), orUnset(m.GOMEMLIMIT), orUnset(m.GODEBUG), m.GOMAXPROCS)
	case "begin":
		t.seen.begun, t.seen.lastStep = true, m.Step
		_ = t.Journal.Write(journal.Begin{Head: head, Step: m.Step, Bytes: m.Bytes})
		t.Tell.Say("  %s: %d bytes …", m.Step, m.Bytes)
	case "step":
		_ = t.Journal.Write(journal.Step{Head: head, Step: m.Step, Bytes: m.Bytes, Heap: m.Heap, UsageBytes: m.UsageBytes})
		t.Tell.Say("  %s: done; %s", m.Step, narrate.Heap(m.Heap, m.UsageBytes))
	case "heap":
		_ = t.Journal.Write(journal.Heap{Head: head, Heap: m.Heap})
	case "listening":
		t.seen.begun = true
		_ = t.Journal.Write(journal.Listening{Head: head, Address: m.Address})
		t.Tell.Say("  listening on http://%s: /add?bytes=n /rel?bytes=n /gc /stats /reset, and POST /quit to end", m.Address)
	case "request":
		_ = t.Journal.Write(journal.Request{Head: head, Route: m.Route, Bytes: m.Bytes, Status: m.Status, DurationUs: m.DurationUs, Heap: m.Heap})
		t.Tell.Say("  %s bytes %d: %d", m.Route, m.Bytes, m.Status)
	}
}

func orUnset(value string) string {
	if value == "" {
		return "unset"
	}
	return value
}
